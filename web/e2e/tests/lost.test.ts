import assert from "node:assert/strict";
import type { Page, Route } from "playwright-core";
import { button, field, linkOf, pressWax, secret, waitForHeading, waitForSecret, waitForText } from "../support/actions.js";
import { partOfText } from "../support/texts.js";
import { createFixture } from "../support/fixture.js";

const fixture = createFixture();

/** Loses the answers to the first calls of a kind, after the server has handled them. Returns the keys of all calls. */
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

fixture.test("after a lost answer the page visibly tries again, and takes no second view", async ({ visit }) => {
  const sent = await fixture.sender.send({ content: "read twice, taken once", views: 2 });
  const page = await visit(sent.link);
  const keys = await loseAnswers(page, "**/read", 2);
  await pressWax(page);
  await page.getByText(partOfText("common.retrying")).first().waitFor();
  await secret(page).getByText("read twice, taken once").waitFor();
  assert.equal(keys.size, 1);
  assert.equal(await sent.state(), "live 1");
});

fixture.test("a lost answer does not lose the last view", async ({ visit }) => {
  const sent = await fixture.sender.send("taken, and still shown");
  const page = await visit(sent.link);
  await loseAnswers(page, "**/read", 1);
  await pressWax(page);
  await waitForSecret(page, "taken, and still shown");
  assert.deepEqual(await sent.events(), ["created", "read", "acked"]);
});

fixture.test("a lost answer to an acknowledgement is requested again", async ({ visit }) => {
  const sent = await fixture.sender.send("acknowledged");
  const page = await visit(sent.link);
  const keys = await loseAnswers(page, "**/ack", 1);
  await pressWax(page);
  await waitForSecret(page, "acknowledged");
  assert.equal(keys.size, 1);
  assert.deepEqual(await sent.events(), ["created", "read", "acked"]);
});

fixture.test("a lost answer to a creation leads to one secret and its link", async ({ visit }) => {
  const page = await visit("/");
  const bodies = await loseAnswers(page, "**/api/secrets", 2);
  await field(page, "create.secret").fill("created once");
  await button(page, "create.submit").click();
  const link = await linkOf(page);
  assert.equal(bodies.size, 1);
  const reader = await visit(link);
  await pressWax(reader);
  await waitForSecret(reader, "created once");
});

fixture.test("offline, the page explains it, keeps what was typed and can send it later", async ({ visit, allow }) => {
  allow(/ERR_INTERNET_DISCONNECTED/);
  const page = await visit("/");
  await page.waitForLoadState("networkidle");
  await page.context().setOffline(true);
  await field(page, "create.secret").fill("typed on a train");
  await button(page, "create.submit").click();
  await page.getByRole("alert").filter({ hasText: new RegExp(`${partOfText("problem.offline").source}|${partOfText("create.not_loaded").source}`) }).waitFor();
  assert.equal(await field(page, "create.secret").inputValue(), "typed on a train");
  await page.context().setOffline(false);
  await button(page, "create.submit").click();
  await linkOf(page);
});

fixture.test("an offline reader continues automatically once the network is back", async ({ visit, allow }) => {
  allow(/ERR_INTERNET_DISCONNECTED/);
  const sent = await fixture.sender.send("after the tunnel");
  const page = await visit(sent.link);
  await waitForHeading(page, "open.ready.title");
  await page.context().setOffline(true);
  await pressWax(page);
  await waitForHeading(page, "open.trouble.title");
  await waitForText(page, "problem.offline");
  assert.equal(await sent.state(), "live 1");
  await page.context().setOffline(false);
  await waitForSecret(page, "after the tunnel");
});

fixture.test("a restart of the service during a read loses nothing", async ({ visit }) => {
  const sent = await fixture.sender.send("over a restart");
  const page = await visit(sent.link);
  await waitForHeading(page, "open.ready.title");
  await fixture.handler.pause();
  await pressWax(page);
  await page.getByText(partOfText("common.retrying")).first().waitFor();
  await fixture.handler.resume();
  await waitForSecret(page, "over a restart");
});

fixture.test("the page of a captive portal is no answer of the API", async ({ visit }) => {
  const sent = await fixture.sender.send("behind a portal");
  const page = await visit("/s");
  const portal = (route: Route): Promise<void> => route.fulfill({ status: 200, contentType: "text/html", body: "<h1>Log in</h1>" });
  await page.route("**/api/secrets/**", portal);
  await page.goto(sent.link);
  await waitForHeading(page, "open.trouble.title");
  await waitForText(page, "problem.bad-answer");
  await page.unroute("**/api/secrets/**", portal);
  await button(page, "common.try_again").click();
  await waitForHeading(page, "open.ready.title");
  await page.route("**/read", portal);
  await pressWax(page);
  await waitForText(page, "open.trouble.asking");
  await page.unroute("**/read", portal);
  await button(page, "common.try_again").click();
  await waitForSecret(page, "behind a portal");
});

fixture.test("a failed revocation is shown, and works once the server answers", async ({ visit }) => {
  const sent = await fixture.sender.send("revoked later");
  const page = await visit(sent.manageLink);
  await waitForHeading(page, "manage.title");
  const broken = (route: Route): Promise<void> =>
    route.request().method() === "DELETE" ? route.fulfill({ status: 404, contentType: "text/html", body: "" }) : route.continue();
  await page.route("**/api/secrets/*", broken);
  await button(page, "manage.revoke").click();
  await button(page, "manage.revoke.yes").click();
  await waitForText(page, "problem.bad-answer");
  await page.unroute("**/api/secrets/*", broken);
  await button(page, "manage.revoke").click();
  await button(page, "manage.revoke.yes").click();
  await page.getByTestId("state").getByText(partOfText("manage.state.revoked")).waitFor();
  assert.equal(await sent.state(), "revoked");
});
