import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import {
  addPassphrase,
  button,
  clipboard,
  create,
  field,
  linkOf,
  manageLinkOf,
  pressWax,
  waitForHeading,
  waitForSecret,
  waitForText,
} from "../support/actions.js";
import { partOfText, wholeText } from "../support/texts.js";
import { createFixture } from "../support/fixture.js";

const fixture = createFixture();

/** Counts the requests of a page that create a secret. */
function countCreates(page: Page): { count: number } {
  const sent = { count: 0 };
  page.on("request", (request) => {
    sent.count += request.method() === "POST" && request.url().endsWith("/api/secrets") ? 1 : 0;
  });
  return sent;
}

fixture.test("a text goes from one device to another, and can be read once", async ({ visit }) => {
  const sender = await visit("/");
  const link = await create(sender, "db password: hunter2");
  assert.match(link, new RegExp(`^${fixture.handler.url}/s#1[0-9a-z]{63}$`));
  const reader = await visit(link);
  await waitForHeading(reader, "open.ready.title");
  await pressWax(reader);
  await waitForSecret(reader, "db password: hunter2");
  await waitForHeading(await visit(link), "open.gone.read.title");
});

fixture.test("pasting, submitting and copying are enough to get a link", async ({ visit }) => {
  const page = await visit("/");
  await field(page, "create.secret").waitFor();
  await page.evaluate(() => navigator.clipboard.writeText("pasted"));
  await page.keyboard.press("Control+V"); // the field has the focus
  await page.keyboard.press("Control+Enter");
  await button(page, "create.copy_link").click();
  await button(page, "common.copied").waitFor();
  assert.equal(await clipboard(page), await linkOf(page));
});

fixture.test("the sender chooses views and expiry, and both sides see them", async ({ visit }) => {
  const sender = await visit("/");
  await field(sender, "create.views").selectOption("3");
  await field(sender, "create.expiry").selectOption("3600");
  const link = await create(sender, "for three");
  await sender.getByText(/read 3 times.+in (1 hour|60 minutes|59 minutes)/).waitFor();
  const reader = await visit(link);
  await reader.getByText(/opened 3 times/).waitFor();
  await pressWax(reader);
  await waitForSecretWithViewsLeft(reader, "for three", 2);
});

async function waitForSecretWithViewsLeft(page: Page, text: string, left: number): Promise<void> {
  await page.getByTestId("secret").getByText(text).waitFor();
  await page.getByText(new RegExp(`open the link ${left} more times`)).waitFor();
}

fixture.test("a passphrase of random words opens the link and is shown apart from it", async ({ visit }) => {
  const sender = await visit("/");
  await sender.getByText(wholeText("create.passphrase_add")).click();
  await button(sender, "create.words").click();
  await sender.getByText(wholeText("meter.strong")).waitFor();
  const passphrase = await field(sender, "create.passphrase").inputValue();
  assert.equal(passphrase.split(/[\s-]+/).length, 6, passphrase);
  const link = await create(sender, "behind six words");
  await button(sender, "create.copy_passphrase").click();
  await button(sender, "common.copied").waitFor();
  assert.equal(await clipboard(sender), passphrase);
  assert.ok(!link.includes(passphrase));
  const reader = await visit(link);
  await field(reader, "open.passphrase.label").fill(passphrase);
  await pressWax(reader);
  await waitForSecret(reader, "behind six words");
});

fixture.test("a weak passphrase is rated as weak", async ({ visit }) => {
  const page = await visit("/");
  await addPassphrase(page, "secret");
  await page.getByText(wholeText("meter.weak")).waitFor();
});

fixture.test("a generated password is inserted into the field", async ({ visit }) => {
  const page = await visit("/");
  await field(page, "create.secret").fill("user: ");
  await button(page, "create.generate").click();
  assert.match(await field(page, "create.secret").inputValue(), /^user: \S{20}$/);
});

fixture.test("an empty form is not sent", async ({ visit }) => {
  const page = await visit("/");
  const sent = countCreates(page);
  await button(page, "create.submit").click();
  await waitForText(page, "create.empty");
  assert.equal(await field(page, "create.secret").getAttribute("aria-invalid"), "true");
  assert.equal(sent.count, 0);
});

fixture.test("a text over the limit is refused before it is sealed, and stays in the field", async ({ visit }) => {
  const page = await visit("/");
  const sent = countCreates(page);
  const long = "x".repeat(1_000_000);
  await field(page, "create.secret").fill(long);
  await waitForText(page, "create.too_large");
  await button(page, "create.submit").click();
  await waitForText(page, "create.too_large");
  assert.equal((await field(page, "create.secret").inputValue()).length, long.length);
  assert.equal(sent.count, 0);
});

fixture.test("a server without room is asked once, and everything that was typed stays", async ({ visit }) => {
  const page = await visit("/");
  const sent = countCreates(page);
  const full = { type: "/problems/full", title: "Full.", status: 507 };
  await page.route("**/api/secrets", (route) => route.fulfill({ status: 507, contentType: "application/problem+json", json: full }));
  await field(page, "create.secret").fill("stays here");
  await addPassphrase(page, "and this");
  await button(page, "create.submit").click();
  await waitForText(page, "problem.full");
  assert.equal(await field(page, "create.secret").inputValue(), "stays here");
  assert.equal(await field(page, "create.passphrase").inputValue(), "and this");
  assert.equal(sent.count, 1);
  await page.unroute("**/api/secrets");
  await button(page, "create.submit").click();
  await waitForHeading(page, "create.done");
});

fixture.test("a double click creates one secret", async ({ visit }) => {
  const page = await visit("/");
  const sent = countCreates(page);
  await field(page, "create.secret").fill("once");
  await button(page, "create.submit").dblclick();
  await waitForHeading(page, "create.done");
  assert.equal(sent.count, 1);
});

fixture.test("the link is shown as a QR code, and another secret can be created", async ({ visit }) => {
  const page = await visit("/");
  const first = await create(page, "first");
  await button(page, "create.qr_show").click();
  await page.getByRole("img", { name: wholeText("create.qr") }).locator("path[d*=h1v1]").waitFor({ state: "attached" });
  await button(page, "create.again").click();
  assert.equal(await field(page, "create.secret").inputValue(), "");
  assert.notEqual(await create(page, "second"), first);
});

fixture.test("the manage link shows the state, and the device stores nothing unless asked", async ({ visit }) => {
  const page = await visit("/");
  await create(page, "managed");
  assert.equal(await page.evaluate(() => localStorage.length + sessionStorage.length), 0);
  const manager = await visit(await manageLinkOf(page));
  await manager.getByTestId("state").getByText(wholeText("manage.state.live")).waitFor();
});

fixture.test("the browser asks before an unsent text is lost", async ({ visit }) => {
  const page = await visit("/");
  await page.keyboard.type("not sent yet"); // by key presses: browsers ask only after the person has used the page
  const asked = page.waitForEvent("dialog");
  await page.evaluate(() => setTimeout(() => location.reload()));
  const dialog = await asked;
  assert.equal(dialog.type(), "beforeunload");
  await dialog.dismiss();
  assert.equal(await field(page, "create.secret").inputValue(), "not sent yet");
});

fixture.test("without a clipboard the link is selected, so that the person can copy it", async ({ visit }) => {
  const page = await visit("/", { permissions: [] });
  const link = await create(page, "selected");
  await page.evaluate(() => Object.defineProperty(navigator, "clipboard", { value: undefined }));
  await button(page, "create.copy_link").click();
  await page.getByRole("status").getByText(partOfText("common.copy_failed")).waitFor();
  assert.equal(await page.evaluate(() => getSelection()?.toString()), link);
});

