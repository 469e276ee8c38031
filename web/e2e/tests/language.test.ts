import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { pressWax, waitForHeading } from "../support/actions.js";
import { languages } from "../support/texts.js";
import { createFixture } from "../support/fixture.js";

const fixture = createFixture();

async function isIn(page: Page, language: string): Promise<void> {
  await waitForHeading(page, "create.title", language);
  const html = page.locator("html");
  assert.equal(await html.getAttribute("lang"), language);
  assert.equal(await html.getAttribute("dir"), language === "ar" ? "rtl" : "ltr");
}

for (const language of languages) {
  fixture.test(`${language} follows the browser or a choice that is remembered, on every screen`, async ({ visit }) => {
    await isIn(await visit("/", { locale: language }), language);
    const page = await visit("/", { locale: "eo" });
    await isIn(page, "en");
    await page.locator("footer select").first().selectOption(language);
    await isIn(page, language);
    await page.reload();
    await isIn(page, language);
    const sent = await fixture.sender.send("in any language");
    await page.goto(sent.link);
    await waitForHeading(page, "open.ready.title", language);
    await pressWax(page);
    await waitForHeading(page, "open.shown.title", language);
  });
}

fixture.test("a change of language keeps what was typed", async ({ visit }) => {
  const page = await visit("/");
  await page.keyboard.type("typed before");
  for (const language of languages) {
    await page.locator("footer select").first().selectOption(language);
    await isIn(page, language);
    assert.equal(await page.locator("main textarea").inputValue(), "typed before");
  }
});
