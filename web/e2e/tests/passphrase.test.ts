import assert from "node:assert/strict";
import { addPassphrase, button, field, pressWax, waitForHeading, waitForSecret, waitForText, wax } from "../support/actions.js";
import { wholeText } from "../support/texts.js";
import { createFixture } from "../support/fixture.js";

const fixture = createFixture({ SSS_TRIES: "3" });
const passphrase = "Tülips in the rain 7";

fixture.test("a wrong passphrase takes a try but no view, and stays in the field", async ({ visit }) => {
  const sent = await fixture.sender.send({ content: "behind a passphrase", passphrase });
  const page = await visit(sent.link);
  const box = field(page, "open.passphrase.label");
  await wax(page).hover();
  await page.mouse.down();
  await waitForText(page, "open.passphrase.missing");
  await page.mouse.up();
  assert.equal(await sent.state(), "live 1");
  await box.fill("wrong");
  await pressWax(page);
  await page.getByText(/2 more tries are left/).waitFor();
  assert.equal(await box.inputValue(), "wrong");
  assert.equal(await box.getAttribute("aria-invalid"), "true");
  assert.equal(await sent.state(), "live 1");
  await pressWax(page); // the same passphrase again takes no try
  await page.getByText(/2 more tries are left/).waitFor();
  await box.fill(passphrase.normalize("NFD"));
  await box.press("Enter");
  assert.equal(await wax(page).evaluate((button) => button === document.activeElement), true);
  assert.equal(await sent.state(), "live 1");
  await pressWax(page);
  await waitForSecret(page, "behind a passphrase");
});

fixture.test("a passphrase that other programs would normalize in another way is refused when it is set and when it is typed", async ({ visit }) => {
  const unassigned = `${passphrase}\u0897`; // assigned by Unicode 16.0
  const sender = await visit("/");
  await field(sender, "create.secret").fill("never sent");
  await addPassphrase(sender, unassigned);
  await button(sender, "create.submit").click();
  await waitForText(sender, "create.passphrase_invalid");
  assert.equal(await field(sender, "create.secret").inputValue(), "never sent");
  const sent = await fixture.sender.send({ content: "typed again", passphrase });
  const reader = await visit(sent.link);
  await field(reader, "open.passphrase.label").fill(unassigned);
  await pressWax(reader);
  await waitForText(reader, "open.passphrase.invalid");
  assert.deepEqual(await sent.events(), ["created"]);
  await field(reader, "open.passphrase.label").fill(passphrase);
  await pressWax(reader);
  await waitForSecret(reader, "typed again");
});

fixture.test("too many wrong passphrases freeze the secret, the manage link unlocks it, and the reader continues", async ({ visit }) => {
  const sent = await fixture.sender.send({ content: "frozen for a while", passphrase });
  const page = await visit(sent.link);
  const box = field(page, "open.passphrase.label");
  for (const [guess, left] of [["one", /2 more tries/], ["two", /[Oo]ne more try/]] as const) {
    await box.fill(guess);
    await pressWax(page);
    await page.getByText(left).waitFor();
  }
  await box.fill("three");
  await pressWax(page);
  await waitForHeading(page, "open.frozen.title");
  assert.equal(await sent.state(), "frozen");
  const manager = await visit(sent.manageLink);
  await manager.getByTestId("state").getByText(wholeText("manage.state.frozen")).waitFor();
  await button(manager, "manage.unlock").click();
  await manager.getByTestId("state").getByText(wholeText("manage.state.live")).waitFor();
  await button(page, "open.again.look").click();
  await box.fill(passphrase);
  await pressWax(page);
  await waitForSecret(page, "frozen for a while");
  await button(manager, "manage.refresh").click();
  await manager.getByTestId("state").getByText(wholeText("manage.state.read")).waitFor();
  const happened = await manager.locator(".timeline .what").allTextContents();
  const want = ["created", "refused", "refused", "refused", "frozen", "unlocked", "read", "acked"];
  assert.equal(happened.length, want.length, happened.join());
  want.forEach((event, i) => assert.match(happened[i] ?? "", wholeText(`manage.event.${event}`)));
});
