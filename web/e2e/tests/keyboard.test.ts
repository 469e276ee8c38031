import assert from "node:assert/strict";
import type { Locator, Page } from "playwright-core";
import { button, clipboard, field, linkOf, secret, waitForHeading, waitForText, wax } from "../support/actions.js";
import { wholeText } from "../support/texts.js";
import { createFixture } from "../support/fixture.js";

const fixture = createFixture();

/** Presses Tab until an element has the focus, which must then be visible. */
async function tabTo(page: Page, target: Locator): Promise<void> {
  const focused = (): Promise<boolean> => target.evaluate((element) => element === document.activeElement);
  for (let presses = 0; !(await focused()); presses++) {
    assert.ok(presses < 40, "the keyboard reaches the element");
    await page.keyboard.press("Tab");
  }
  const ring = await target.evaluate((element) => {
    const { outlineStyle, outlineWidth } = getComputedStyle(element);
    return outlineStyle !== "none" && parseFloat(outlineWidth) >= 2;
  });
  assert.ok(ring, "the focus is visible");
}

async function focusedText(page: Page): Promise<string> {
  return page.evaluate(() => document.activeElement?.textContent ?? "");
}

fixture.test("the keyboard is enough to create and copy a link", async ({ visit }) => {
  const page = await visit("/");
  await field(page, "create.secret").waitFor();
  await page.keyboard.type("typed by hand");
  await tabTo(page, page.getByText(wholeText("create.passphrase_add")));
  await page.keyboard.press("Enter");
  await tabTo(page, field(page, "create.passphrase"));
  await page.keyboard.type("four horses");
  await tabTo(page, button(page, "create.submit"));
  await page.keyboard.press("Enter");
  const link = await linkOf(page);
  assert.match(await focusedText(page), wholeText("create.done"));
  await tabTo(page, button(page, "create.copy_link"));
  await page.keyboard.press("Space");
  await page.getByRole("status").getByText(wholeText("common.copied")).waitFor();
  assert.equal(await clipboard(page), link);
});

fixture.test("the keyboard is enough to open a secret", async ({ visit }) => {
  const sent = await fixture.sender.send({ content: "opened by hand", passphrase: "four horses" });
  const page = await visit(sent.link);
  await waitForHeading(page, "open.ready.title");
  assert.match(await focusedText(page), wholeText("open.ready.title"));
  await tabTo(page, field(page, "open.passphrase.label"));
  await page.keyboard.type("four horses");
  await page.keyboard.press("Enter");
  await tabTo(page, wax(page));
  await page.keyboard.down("Space");
  await waitForHeading(page, "open.shown.title");
  await page.keyboard.up("Space");
  await secret(page).getByText("opened by hand").waitFor();
  await waitForText(page, "open.shown.gone");
  assert.match(await focusedText(page), wholeText("open.shown.title"));
  await tabTo(page, button(page, "common.copy"));
  await page.keyboard.press("Enter");
  assert.equal(await clipboard(page), "opened by hand");
});

fixture.test("a key released too early opens nothing, and the page announces it", async ({ visit }) => {
  const sent = await fixture.sender.send("kept");
  const page = await visit(sent.link);
  await wax(page).focus();
  await page.keyboard.press("Space");
  await page.getByRole("status").getByText(wholeText("open.press.early")).waitFor();
  assert.equal(await sent.state(), "live 1");
});

fixture.test("errors are announced and tied to their field", async ({ visit }) => {
  const page = await visit("/");
  await button(page, "create.submit").click();
  await page.getByRole("status").getByText(wholeText("create.empty")).waitFor();
  assert.equal(await field(page, "create.secret").evaluate((element) => element === document.activeElement), true);
  const described = (await field(page, "create.secret").getAttribute("aria-describedby")) ?? "";
  const texts = await Promise.all(described.split(" ").map((id) => page.locator(`[id="${id}"]`).textContent()));
  assert.ok(texts.some((text) => wholeText("create.empty").test(text ?? "")), texts.join());
});
