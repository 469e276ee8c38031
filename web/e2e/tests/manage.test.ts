import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { button, create, field, manageLinkOf, pasteLink, pressWax, waitForHeading, waitForText } from "../support/actions.js";
import { wholeText } from "../support/texts.js";
import { createFixture } from "../support/fixture.js";

const fixture = createFixture({ SSS_TRIES: "2" });

async function hasState(page: Page, state: string): Promise<void> {
  await page.getByTestId("state").getByText(wholeText(`manage.state.${state}`)).waitFor();
}

async function timeline(page: Page): Promise<readonly string[]> {
  return page.locator(".timeline .what").allTextContents();
}

fixture.test("the receipt shows that a secret is waiting, and later that it was read", async ({ visit }) => {
  const sent = await fixture.sender.send({ content: "watched", views: 1 });
  const page = await visit(sent.manageLink);
  await hasState(page, "live");
  assert.ok(!page.url().includes("#"));
  await sent.read();
  await button(page, "manage.refresh").click();
  await hasState(page, "read");
  assert.equal((await timeline(page)).length, 3);
  assert.equal(await button(page, "manage.revoke").count(), 0);
});

fixture.test("a secret is revoked only after a confirmation", async ({ visit }) => {
  const sent = await fixture.sender.send("taken back");
  const page = await visit(sent.manageLink);
  await button(page, "manage.revoke").click();
  await button(page, "manage.revoke.no").click();
  await button(page, "manage.revoke").click();
  assert.equal(await sent.state(), "live 1");
  await button(page, "manage.revoke.yes").click();
  await hasState(page, "revoked");
  assert.equal(await sent.state(), "revoked");
});

fixture.test("a frozen secret is unlocked", async ({ visit }) => {
  const sent = await fixture.sender.send({ content: "guessed at", passphrase: "right" });
  await sent.tryWrongPassphrase();
  await sent.tryWrongPassphrase();
  const page = await visit(sent.manageLink);
  await hasState(page, "frozen");
  await waitForText(page, "manage.frozen.passphrase");
  await button(page, "manage.unlock").click();
  await hasState(page, "live");
  assert.equal(await sent.state(), "live 1");
});

fixture.test("after the last unlock a secret stays frozen, and its sender and its reader are told", async ({ visit }) => {
  const sent = await fixture.sender.send({ content: "guessed at without end", passphrase: "right" });
  const freeze = async (): Promise<void> => {
    await sent.tryWrongPassphrase();
    await sent.tryWrongPassphrase();
  };
  for (let unlocks = 0; unlocks < 9; unlocks++) {
    await freeze();
    await sent.unlock();
  }
  await freeze();
  const page = await visit(sent.manageLink);
  await waitForText(page, "manage.unlocks");
  await button(page, "manage.unlock").click();
  await hasState(page, "live");
  const reader = await visit(sent.link);
  await waitForHeading(reader, "open.ready.title");
  await freeze();
  await button(page, "manage.refresh").click();
  await waitForText(page, "problem.frozen");
  assert.equal(await button(page, "manage.unlock").count(), 0);
  await field(reader, "open.passphrase.label").fill("right");
  await pressWax(reader);
  await waitForText(reader, "open.frozen.final");
  assert.equal(await button(reader, "open.again.look").count(), 0);
});

fixture.test("a secret on hold is shown as held", async ({ visit }) => {
  const sent = await fixture.sender.send("held");
  const release = await sent.hold();
  const page = await visit(sent.manageLink);
  await hasState(page, "held");
  await release();
  await button(page, "manage.refresh").click();
  await hasState(page, "live");
});

fixture.test("damaged and unknown manage links are explained", async ({ visit }) => {
  const sent = await fixture.sender.send("managed");
  const page = await visit(sent.manageLink.slice(0, -4));
  await waitForHeading(page, "open.damaged.title");
  await waitForText(page, "open.damaged.cut");
  await pasteLink(page, sent.manageLink);
  await hasState(page, "live");
  const lost = await visit("/m");
  await waitForHeading(lost, "manage.paste.title");
  await lost.route("**/receipt", (route) =>
    route.continue({ headers: { ...route.request().headers(), "secret-manage": "A".repeat(43) } }),
  );
  await pasteLink(lost, sent.manageLink);
  await waitForHeading(lost, "manage.unknown.title");
});

fixture.test("the manage link is dropped when the page is left", async ({ visit }) => {
  const sent = await fixture.sender.send("left");
  const page = await visit(sent.manageLink);
  await hasState(page, "live");
  await page.evaluate(() => dispatchEvent(new PageTransitionEvent("pagehide", { persisted: true })));
  await waitForHeading(page, "manage.dropped.title");
});

fixture.test("a remembered secret is listed with its state, managed and forgotten", async ({ visit }) => {
  const page = await visit("/");
  await create(page, "remembered");
  const manageLink = await manageLinkOf(page);
  await button(page, "manage.remember").click();
  await button(page, "manage.forget").waitFor();
  const kept = await page.evaluate(() => JSON.stringify(localStorage));
  assert.ok(kept.includes(manageLink) && !kept.includes("/s#"), "the manage link is stored, the link is not");
  await page.goto("/mine");
  await waitForHeading(page, "mine.title");
  const entry = page.getByRole("listitem");
  await entry.getByText(wholeText("manage.state.live")).waitFor();
  await entry.getByRole("button", { name: wholeText("mine.manage.name") }).click();
  await hasState(page, "live");
  await button(page, "manage.revoke").click();
  await button(page, "manage.revoke.yes").click();
  await hasState(page, "revoked");
  await button(page, "mine.back").click();
  await entry.getByText(wholeText("manage.state.revoked")).waitFor();
  await entry.getByRole("button", { name: wholeText("mine.forget.name") }).click();
  await waitForText(page, "mine.empty");
  assert.equal(await page.evaluate(() => localStorage.length), 0);
});

fixture.test("all remembered secrets are forgotten after a confirmation", async ({ visit }) => {
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
  await waitForText(page, "mine.empty");
});
