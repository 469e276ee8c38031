import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { hold, sees } from "../support/actions.js";
import { languages } from "../support/texts.js";
import { createWorld } from "../support/fixture.js";

const world = createWorld();

async function speaks(page: Page, language: string): Promise<void> {
  await sees(page, "create.title", language);
  const html = page.locator("html");
  assert.equal(await html.getAttribute("lang"), language);
  assert.equal(await html.getAttribute("dir"), language === "ar" ? "rtl" : "ltr");
}

for (const language of languages) {
  world.scene(`${language} is chosen by the browser, or by hand, and stays; what is read is said in it`, async ({ visit }) => {
    await speaks(await visit("/", { locale: language }), language);
    const page = await visit("/", { locale: "eo" });
    await speaks(page, "en");
    await page.locator("footer select").first().selectOption(language);
    await speaks(page, language);
    await page.reload();
    await speaks(page, language);
    const sent = await world.sender.send("in any language");
    await page.goto(sent.link);
    await sees(page, "open.ready.title", language);
    await hold(page);
    await sees(page, "open.shown.title", language);
  });
}

world.scene("nothing typed is lost when the language changes", async ({ visit }) => {
  const page = await visit("/");
  await page.keyboard.type("typed before");
  for (const language of languages) {
    await page.locator("footer select").first().selectOption(language);
    await speaks(page, language);
    assert.equal(await page.locator("main textarea").inputValue(), "typed before");
  }
});
