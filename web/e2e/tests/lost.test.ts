import assert from "node:assert/strict";
import type { Page, Route } from "playwright-core";
import { button, field, getsSecret, hold, linkOf, reads, secret, sees } from "../support/actions.js";
import { within } from "../support/texts.js";
import { createWorld } from "../support/fixture.js";

const world = createWorld();

/** Lets the server answer the first calls of a kind, and loses the answers; returns the keys of all calls. */
async function loseAnswers(page: Page, address: string, times: number): Promise<Set<string>> {
  const keys = new Set<string>();
  let lost = 0;
  await page.route(address, async (route: Route) => {
    const { "idempotency-key": key } = route.request().headers();
    keys.add(key ?? route.request().postData() ?? "");
    if (lost++ < times) {
      await route.fetch();
      await route.abort("connectionreset");
    } else {
      await route.continue();
    }
  });
  return keys;
}

world.scene("a lost answer to a read is asked for again, visibly, and costs no other view", async ({ visit }) => {
  const sent = await world.sender.send({ content: "read twice, taken once", views: 2 });
  const page = await visit(sent.link);
  const keys = await loseAnswers(page, "**/read", 2);
  await hold(page);
  await page.getByText(within("common.retrying")).first().waitFor();
  await secret(page).getByText("read twice, taken once").waitFor();
  assert.equal(keys.size, 1);
  assert.equal(await sent.state(), "live 1");
});

world.scene("the last view is not lost with its answer", async ({ visit }) => {
  const sent = await world.sender.send("taken, and still shown");
  const page = await visit(sent.link);
  await loseAnswers(page, "**/read", 1);
  await hold(page);
  await getsSecret(page, "taken, and still shown");
  assert.deepEqual(await sent.events(), ["created", "read", "acked"]);
});

world.scene("a lost answer to the acknowledgement is asked for again", async ({ visit }) => {
  const sent = await world.sender.send("acknowledged");
  const page = await visit(sent.link);
  const keys = await loseAnswers(page, "**/ack", 1);
  await hold(page);
  await getsSecret(page, "acknowledged");
  assert.equal(keys.size, 1);
  assert.deepEqual(await sent.events(), ["created", "read", "acked"]);
});

world.scene("a lost answer to a creation leaves one secret, and its link", async ({ visit }) => {
  const page = await visit("/");
  const bodies = await loseAnswers(page, "**/api/secrets", 2);
  await field(page, "create.secret").fill("created once");
  await button(page, "create.submit").click();
  const link = await linkOf(page);
  assert.equal(bodies.size, 1);
  const reader = await visit(link);
  await hold(reader);
  await getsSecret(reader, "created once");
});

world.scene("who is offline is told, keeps what was typed, and sends it later", async ({ visit, allow }) => {
  allow(/ERR_INTERNET_DISCONNECTED/);
  const page = await visit("/");
  await page.waitForLoadState("networkidle");
  await page.context().setOffline(true);
  await field(page, "create.secret").fill("typed on a train");
  await button(page, "create.submit").click();
  await page.getByRole("alert").filter({ hasText: new RegExp(`${within("problem.offline").source}|${within("create.not_loaded").source}`) }).waitFor();
  assert.equal(await field(page, "create.secret").inputValue(), "typed on a train");
  await page.context().setOffline(false);
  await button(page, "create.submit").click();
  await linkOf(page);
});

world.scene("a reader who is offline goes on by itself once the network is back", async ({ visit, allow }) => {
  allow(/ERR_INTERNET_DISCONNECTED/);
  const sent = await world.sender.send("after the tunnel");
  const page = await visit(sent.link);
  await sees(page, "open.ready.title");
  await page.context().setOffline(true);
  await hold(page);
  await sees(page, "open.trouble.title");
  await reads(page, "problem.offline");
  assert.equal(await sent.state(), "live 1");
  await page.context().setOffline(false);
  await getsSecret(page, "after the tunnel");
});

world.scene("a service that restarts while it is asked costs nothing but a moment", async ({ visit }) => {
  const sent = await world.sender.send("over a restart");
  const page = await visit(sent.link);
  await sees(page, "open.ready.title");
  await world.handler.pause();
  await hold(page);
  await page.getByText(within("common.retrying")).first().waitFor();
  await world.handler.resume();
  await getsSecret(page, "over a restart");
});

world.scene("the page of a captive portal is taken for no answer", async ({ visit }) => {
  const sent = await world.sender.send("behind a portal");
  const page = await visit("/s");
  const portal = (route: Route): Promise<void> => route.fulfill({ status: 200, contentType: "text/html", body: "<h1>Log in</h1>" });
  await page.route("**/api/secrets/**", portal);
  await page.goto(sent.link);
  await sees(page, "open.trouble.title");
  await reads(page, "problem.bad-answer");
  await page.unroute("**/api/secrets/**", portal);
  await button(page, "common.try_again").click();
  await sees(page, "open.ready.title");
  await page.route("**/read", portal);
  await hold(page);
  await reads(page, "open.trouble.asking");
  await page.unroute("**/read", portal);
  await button(page, "common.try_again").click();
  await getsSecret(page, "behind a portal");
});

world.scene("a manage page that cannot be told says so, and does it once it can", async ({ visit }) => {
  const sent = await world.sender.send("revoked later");
  const page = await visit(sent.manageLink);
  await sees(page, "manage.title");
  const broken = (route: Route): Promise<void> =>
    route.request().method() === "DELETE" ? route.fulfill({ status: 404, contentType: "text/html", body: "" }) : route.continue();
  await page.route("**/api/secrets/*", broken);
  await button(page, "manage.revoke").click();
  await button(page, "manage.revoke.yes").click();
  await reads(page, "problem.bad-answer");
  await page.unroute("**/api/secrets/*", broken);
  await button(page, "manage.revoke").click();
  await button(page, "manage.revoke.yes").click();
  await page.getByTestId("state").getByText(within("manage.state.revoked")).waitFor();
  assert.equal(await sent.state(), "revoked");
});
