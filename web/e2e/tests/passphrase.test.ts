import assert from "node:assert/strict";
import { button, field, getsSecret, hold, reads, seal, sees } from "../support/actions.js";
import { says } from "../support/texts.js";
import { createWorld } from "../support/fixture.js";

const world = createWorld({ SSS_TRIES: "3" });
const passphrase = "Tülips in the rain 7";

world.scene("a wrong passphrase costs a try, keeps the field, and burns nothing", async ({ visit }) => {
  const sent = await world.sender.send({ content: "behind a passphrase", passphrase });
  const page = await visit(sent.link);
  const box = field(page, "open.passphrase.label");
  await seal(page).hover();
  await page.mouse.down();
  await reads(page, "open.passphrase.missing");
  await page.mouse.up();
  assert.equal(await sent.state(), "live 1");
  await box.fill("wrong");
  await hold(page);
  await page.getByText(/2 more tries are left/).waitFor();
  assert.equal(await box.inputValue(), "wrong");
  assert.equal(await box.getAttribute("aria-invalid"), "true");
  assert.equal(await sent.state(), "live 1");
  await hold(page); // the same once more is no other try
  await page.getByText(/2 more tries are left/).waitFor();
  await box.fill(passphrase.normalize("NFD"));
  await box.press("Enter");
  assert.equal(await seal(page).evaluate((button) => button === document.activeElement), true);
  assert.equal(await sent.state(), "live 1");
  await hold(page);
  await getsSecret(page, "behind a passphrase");
});

world.scene("too many wrong ones freeze, the manage link unlocks, and the reader goes on", async ({ visit }) => {
  const sent = await world.sender.send({ content: "frozen for a while", passphrase });
  const page = await visit(sent.link);
  const box = field(page, "open.passphrase.label");
  for (const [guess, left] of [["one", /2 more tries/], ["two", /[Oo]ne more try/]] as const) {
    await box.fill(guess);
    await hold(page);
    await page.getByText(left).waitFor();
  }
  await box.fill("three");
  await hold(page);
  await sees(page, "open.frozen.title");
  assert.equal(await sent.state(), "frozen");
  const manager = await visit(sent.manageLink);
  await manager.getByTestId("state").getByText(says("manage.state.frozen")).waitFor();
  await button(manager, "manage.unlock").click();
  await manager.getByTestId("state").getByText(says("manage.state.live")).waitFor();
  await button(page, "open.again.look").click();
  await box.fill(passphrase);
  await hold(page);
  await getsSecret(page, "frozen for a while");
  await button(manager, "manage.refresh").click();
  await manager.getByTestId("state").getByText(says("manage.state.read")).waitFor();
  const happened = await manager.locator(".timeline .what").allTextContents();
  const want = ["created", "refused", "refused", "refused", "frozen", "unlocked", "read", "acked"];
  assert.equal(happened.length, want.length, happened.join());
  want.forEach((event, i) => assert.match(happened[i] ?? "", says(`manage.event.${event}`)));
});
