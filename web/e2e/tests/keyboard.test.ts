import assert from "node:assert/strict";
import type { Locator, Page } from "playwright-core";
import { button, clipboard, field, linkOf, reads, seal, secret, sees } from "../support/actions.js";
import { says } from "../support/texts.js";
import { createWorld } from "../support/fixture.js";

const world = createWorld();

/** Presses Tab until an element has the focus, which must then be seen. */
async function tabTo(page: Page, target: Locator): Promise<void> {
  const focused = (): Promise<boolean> => target.evaluate((element) => element === document.activeElement);
  for (let presses = 0; !(await focused()); presses++) {
    assert.ok(presses < 40, "the keyboard gets there");
    await page.keyboard.press("Tab");
  }
  const ring = await target.evaluate((element) => {
    const { outlineStyle, outlineWidth } = getComputedStyle(element);
    return outlineStyle !== "none" && parseFloat(outlineWidth) >= 2;
  });
  assert.ok(ring, "the focus is seen");
}

async function focusedText(page: Page): Promise<string> {
  return page.evaluate(() => document.activeElement?.textContent ?? "");
}

world.scene("the keyboard alone leads from landing to a copied link", async ({ visit }) => {
  const page = await visit("/");
  await field(page, "create.secret").waitFor();
  await page.keyboard.type("typed by hand");
  await tabTo(page, page.getByText(says("create.passphrase_add")));
  await page.keyboard.press("Enter");
  await tabTo(page, field(page, "create.passphrase"));
  await page.keyboard.type("four horses");
  await tabTo(page, button(page, "create.submit"));
  await page.keyboard.press("Enter");
  const link = await linkOf(page);
  assert.match(await focusedText(page), says("create.done"));
  await tabTo(page, button(page, "create.copy_link"));
  await page.keyboard.press("Space");
  await page.getByRole("status").getByText(says("common.copied")).waitFor();
  assert.equal(await clipboard(page), link);
});

world.scene("the keyboard alone leads from a link to its secret", async ({ visit }) => {
  const sent = await world.sender.send({ content: "opened by hand", passphrase: "four horses" });
  const page = await visit(sent.link);
  await sees(page, "open.ready.title");
  assert.match(await focusedText(page), says("open.ready.title"));
  await tabTo(page, field(page, "open.passphrase.label"));
  await page.keyboard.type("four horses");
  await page.keyboard.press("Enter");
  await tabTo(page, seal(page));
  await page.keyboard.down("Space");
  await sees(page, "open.shown.title");
  await page.keyboard.up("Space");
  await secret(page).getByText("opened by hand").waitFor();
  await reads(page, "open.shown.gone");
  assert.match(await focusedText(page), says("open.shown.title"));
  await tabTo(page, button(page, "common.copy"));
  await page.keyboard.press("Enter");
  assert.equal(await clipboard(page), "opened by hand");
});

world.scene("a key that is let go too early opens nothing, and says so to who does not see it", async ({ visit }) => {
  const sent = await world.sender.send("kept");
  const page = await visit(sent.link);
  await seal(page).focus();
  await page.keyboard.press("Space");
  await page.getByRole("status").getByText(says("open.press.early")).waitFor();
  assert.equal(await sent.state(), "live 1");
});

world.scene("what happens is announced", async ({ visit }) => {
  const page = await visit("/");
  await button(page, "create.submit").click();
  await page.getByRole("status").getByText(says("create.empty")).waitFor();
  assert.equal(await field(page, "create.secret").evaluate((element) => element === document.activeElement), true);
  const described = (await field(page, "create.secret").getAttribute("aria-describedby")) ?? "";
  const texts = await Promise.all(described.split(" ").map((id) => page.locator(`[id="${id}"]`).textContent()));
  assert.ok(texts.some((text) => says("create.empty").test(text ?? "")), texts.join());
});
