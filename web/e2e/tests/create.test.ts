import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import {
  addPassphrase,
  button,
  clipboard,
  create,
  field,
  getsSecret,
  hold,
  linkOf,
  manageLinkOf,
  reads,

  sees,
} from "../support/actions.js";
import { says, within } from "../support/texts.js";
import { createWorld } from "../support/fixture.js";

const world = createWorld();

/** Counts the secrets that a page sends. */
function countCreates(page: Page): { count: number } {
  const sent = { count: 0 };
  page.on("request", (request) => {
    sent.count += request.method() === "POST" && request.url().endsWith("/api/secrets") ? 1 : 0;
  });
  return sent;
}

world.scene("a text goes from one device to another, once", async ({ visit }) => {
  const sender = await visit("/");
  const link = await create(sender, "db password: hunter2");
  assert.match(link, new RegExp(`^${world.handler.url}/s#1[0-9a-z]{63}$`));
  const reader = await visit(link);
  await sees(reader, "open.ready.title");
  await hold(reader);
  await getsSecret(reader, "db password: hunter2");
  await sees(await visit(link), "open.gone.read.title");
});

world.scene("three actions lead from landing to a copied link", async ({ visit }) => {
  const page = await visit("/");
  await field(page, "create.secret").waitFor();
  await page.evaluate(() => navigator.clipboard.writeText("pasted"));
  await page.keyboard.press("Control+V"); // the field has the focus
  await page.keyboard.press("Control+Enter");
  await button(page, "create.copy_link").click();
  await button(page, "common.copied").waitFor();
  assert.equal(await clipboard(page), await linkOf(page));
});

world.scene("views and expiry are the sender's choice, and told to both", async ({ visit }) => {
  const sender = await visit("/");
  await field(sender, "create.views").selectOption("3");
  await field(sender, "create.expiry").selectOption("3600");
  const link = await create(sender, "for three");
  await sender.getByText(/read 3 times.+in (1 hour|60 minutes|59 minutes)/).waitFor();
  const reader = await visit(link);
  await reader.getByText(/opened 3 times/).waitFor();
  await hold(reader);
  await secretWithLeft(reader, "for three", 2);
});

async function secretWithLeft(page: Page, text: string, left: number): Promise<void> {
  await page.getByTestId("secret").getByText(text).waitFor();
  await page.getByText(new RegExp(`open the link ${left} more times`)).waitFor();
}

world.scene("a passphrase of random words opens the link, and is shown apart from it", async ({ visit }) => {
  const sender = await visit("/");
  await sender.getByText(says("create.passphrase_add")).click();
  await button(sender, "create.words").click();
  await sender.getByText(says("meter.strong")).waitFor();
  const passphrase = await field(sender, "create.passphrase").inputValue();
  assert.equal(passphrase.split(/[\s-]+/).length, 6, passphrase);
  const link = await create(sender, "behind six words");
  await button(sender, "create.copy_passphrase").click();
  await button(sender, "common.copied").waitFor();
  assert.equal(await clipboard(sender), passphrase);
  assert.ok(!link.includes(passphrase));
  const reader = await visit(link);
  await field(reader, "open.passphrase.label").fill(passphrase);
  await hold(reader);
  await getsSecret(reader, "behind six words");
});

world.scene("a weak passphrase is called so", async ({ visit }) => {
  const page = await visit("/");
  await addPassphrase(page, "secret");
  await page.getByText(says("meter.weak")).waitFor();
});

world.scene("a generated password lands in the field", async ({ visit }) => {
  const page = await visit("/");
  await field(page, "create.secret").fill("user: ");
  await button(page, "create.generate").click();
  assert.match(await field(page, "create.secret").inputValue(), /^user: \S{20}$/);
});

world.scene("nothing is sent of an empty form", async ({ visit }) => {
  const page = await visit("/");
  const sent = countCreates(page);
  await button(page, "create.submit").click();
  await reads(page, "create.empty");
  assert.equal(await field(page, "create.secret").getAttribute("aria-invalid"), "true");
  assert.equal(sent.count, 0);
});

world.scene("what is over the limit is refused before it is sealed, and kept", async ({ visit }) => {
  const page = await visit("/");
  const sent = countCreates(page);
  const long = "x".repeat(1_000_000);
  await field(page, "create.secret").fill(long);
  await reads(page, "create.too_large");
  await button(page, "create.submit").click();
  await reads(page, "create.too_large");
  assert.equal((await field(page, "create.secret").inputValue()).length, long.length);
  assert.equal(sent.count, 0);
});

world.scene("two presses make one secret", async ({ visit }) => {
  const page = await visit("/");
  const sent = countCreates(page);
  await field(page, "create.secret").fill("once");
  await button(page, "create.submit").dblclick();
  await sees(page, "create.done");
  assert.equal(sent.count, 1);
});

world.scene("the link as a QR code, and room for another secret", async ({ visit }) => {
  const page = await visit("/");
  const first = await create(page, "first");
  await button(page, "create.qr_show").click();
  await page.getByRole("img", { name: says("create.qr") }).locator("path[d*=h1v1]").waitFor({ state: "attached" });
  await button(page, "create.again").click();
  assert.equal(await field(page, "create.secret").inputValue(), "");
  assert.notEqual(await create(page, "second"), first);
});

world.scene("the manage link shows the secret's state, and nothing is kept unless asked for", async ({ visit }) => {
  const page = await visit("/");
  await create(page, "managed");
  assert.equal(await page.evaluate(() => localStorage.length + sessionStorage.length), 0);
  const manager = await visit(await manageLinkOf(page));
  await manager.getByTestId("state").getByText(says("manage.state.live")).waitFor();
});

world.scene("leaving with something typed is asked about, leaving with nothing is not", async ({ visit }) => {
  const page = await visit("/");
  await page.keyboard.type("not sent yet"); // by hand: browsers ask only who has touched the page
  const asked = page.waitForEvent("dialog");
  await page.evaluate(() => setTimeout(() => location.reload()));
  const dialog = await asked;
  assert.equal(dialog.type(), "beforeunload");
  await dialog.dismiss();
  assert.equal(await field(page, "create.secret").inputValue(), "not sent yet");
});

world.scene("without a clipboard the link is selected, to be copied by hand", async ({ visit }) => {
  const page = await visit("/", { permissions: [] });
  const link = await create(page, "selected");
  await page.evaluate(() => Object.defineProperty(navigator, "clipboard", { value: undefined }));
  await button(page, "create.copy_link").click();
  await page.getByRole("status").getByText(within("common.copy_failed")).waitFor();
  assert.equal(await page.evaluate(() => getSelection()?.toString()), link);
});

