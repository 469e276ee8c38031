import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { button, create, manageLinkOf, pasteLink, reads, sees } from "../support/actions.js";
import { says } from "../support/texts.js";
import { createWorld } from "../support/fixture.js";

const world = createWorld({ SSS_TRIES: "2" });

async function shows(page: Page, state: string): Promise<void> {
  await page.getByTestId("state").getByText(says(`manage.state.${state}`)).waitFor();
}

async function timeline(page: Page): Promise<readonly string[]> {
  return page.locator(".timeline .what").allTextContents();
}

world.scene("a secret is seen waiting, then read, with what happened when", async ({ visit }) => {
  const sent = await world.sender.send({ content: "watched", views: 1 });
  const page = await visit(sent.manageLink);
  await shows(page, "live");
  assert.ok(!page.url().includes("#"));
  await sent.read();
  await button(page, "manage.refresh").click();
  await shows(page, "read");
  assert.equal((await timeline(page)).length, 3);
  assert.equal(await button(page, "manage.revoke").count(), 0);
});

world.scene("it is revoked after a question, and not without", async ({ visit }) => {
  const sent = await world.sender.send("taken back");
  const page = await visit(sent.manageLink);
  await button(page, "manage.revoke").click();
  await button(page, "manage.revoke.no").click();
  await button(page, "manage.revoke").click();
  assert.equal(await sent.state(), "live 1");
  await button(page, "manage.revoke.yes").click();
  await shows(page, "revoked");
  assert.equal(await sent.state(), "revoked");
});

world.scene("a frozen one is unlocked, or revoked", async ({ visit }) => {
  const sent = await world.sender.send({ content: "guessed at", passphrase: "right" });
  await sent.tryWrong();
  await sent.tryWrong();
  const page = await visit(sent.manageLink);
  await shows(page, "frozen");
  await reads(page, "manage.unlock.text");
  await button(page, "manage.unlock").click();
  await shows(page, "live");
  assert.equal(await sent.state(), "live 1");
});

world.scene("a held one is shown as held, and can be revoked", async ({ visit }) => {
  const sent = await world.sender.send("held");
  const lift = await sent.hold();
  const page = await visit(sent.manageLink);
  await shows(page, "held");
  await lift();
  await button(page, "manage.refresh").click();
  await shows(page, "live");
});

world.scene("a manage link that is damaged or of nothing says so", async ({ visit }) => {
  const sent = await world.sender.send("managed");
  const page = await visit(sent.manageLink.slice(0, -4));
  await sees(page, "open.damaged.title");
  await reads(page, "open.damaged.cut");
  await pasteLink(page, sent.manageLink);
  await shows(page, "live");
  const lost = await visit("/m");
  await sees(lost, "manage.paste.title");
  await lost.route("**/receipt", (route) =>
    route.continue({ headers: { ...route.request().headers(), "secret-manage": "A".repeat(43) } }),
  );
  await pasteLink(lost, sent.manageLink);
  await sees(lost, "manage.unknown.title");
});

world.scene("the manage link is dropped when the page is left", async ({ visit }) => {
  const sent = await world.sender.send("left");
  const page = await visit(sent.manageLink);
  await shows(page, "live");
  await page.evaluate(() => dispatchEvent(new PageTransitionEvent("pagehide", { persisted: true })));
  await sees(page, "manage.dropped.title");
});

world.scene("what is remembered is listed with its state, managed from there, and forgotten", async ({ visit }) => {
  const page = await visit("/");
  await create(page, "remembered");
  const manageLink = await manageLinkOf(page);
  await button(page, "manage.remember").click();
  await button(page, "manage.forget").waitFor();
  const kept = await page.evaluate(() => JSON.stringify(localStorage));
  assert.ok(kept.includes(manageLink) && !kept.includes("/s#"), "the manage link, and no link that reads");
  await page.goto("/mine");
  await sees(page, "mine.title");
  const entry = page.getByRole("listitem");
  await entry.getByText(says("manage.state.live")).waitFor();
  await entry.getByRole("button", { name: says("mine.manage.name") }).click();
  await shows(page, "live");
  await button(page, "manage.revoke").click();
  await button(page, "manage.revoke.yes").click();
  await shows(page, "revoked");
  await button(page, "mine.back").click();
  await entry.getByText(says("manage.state.revoked")).waitFor();
  await entry.getByRole("button", { name: says("mine.forget.name") }).click();
  await reads(page, "mine.empty");
  assert.equal(await page.evaluate(() => localStorage.length), 0);
});

world.scene("all are forgotten after a question", async ({ visit }) => {
  const page = await visit("/");
  for (const text of ["one", "two"]) {
    await create(page, text);
    await button(page, "manage.remember").click();
    await button(page, "manage.forget").waitFor();
    await page.goto("/");
  }
  await page.goto("/mine");
  await page.getByRole("listitem").nth(1).waitFor();
  await button(page, "mine.forget.all").click();
  await button(page, "mine.forget.no").click();
  await button(page, "mine.forget.all").click();
  await button(page, "mine.forget.all").click();
  await reads(page, "mine.empty");
});
