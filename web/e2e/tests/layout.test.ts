import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { hold, seal, secret, sees } from "../support/actions.js";
import { screens, settings } from "../support/screens.js";
import { languages } from "../support/texts.js";
import { createWorld } from "../support/fixture.js";

const world = createWorld(settings);

/** Expects that nobody has to scroll sideways to read anything. */
async function fits(page: Page, width: number): Promise<void> {
  const { scrolls, outside } = await page.evaluate((edge) => {
    const boxes = [...document.querySelectorAll("main *, header *, footer *")].filter((element) => {
      const { left, right, width } = element.getBoundingClientRect();
      const hidden = element.closest(".unseen, svg, .sheet, [hidden]") !== null;
      return !hidden && width > 1 && (left < -1 || right > edge + 1);
    });
    return { scrolls: document.documentElement.scrollWidth, outside: boxes.map((element) => element.outerHTML.slice(0, 120)) };
  }, width);
  assert.deepEqual(outside, []);
  assert.ok(scrolls <= width, `it is ${scrolls} pixels wide, in a window of ${width}`);
}

for (const { name, show } of screens) {
  world.scene(`${name} fits into 320 pixels, and into 4K`, async ({ visit }) => {
    const page = await show({ sender: world.sender, visit: (address, more) => visit(address, { viewport: { width: 320, height: 640 }, ...more }) });
    await fits(page, 320);
    await page.setViewportSize({ width: 3840, height: 2160 });
    await fits(page, 3840);
  });
}

for (const language of languages) {
  world.scene(`the first screen and the seal fit into 320 pixels in ${language}`, async ({ visit }) => {
    const options = { viewport: { width: 320, height: 640 }, locale: language };
    const page = await visit("/", options);
    await sees(page, "create.title", language);
    await fits(page, 320);
    const sent = await world.sender.send("narrow");
    await page.goto(sent.link);
    await sees(page, "open.ready.title", language);
    await fits(page, 320);
  });
}

world.scene("who wants no movement sees none", async ({ visit }) => {
  const sent = await world.sender.send("at rest");
  const page = await visit(sent.link, { reducedMotion: "reduce" });
  await sees(page, "open.ready.title");
  await hold(page);
  await secret(page).waitFor();
  const moving = await page.evaluate(() =>
    document.getAnimations().flatMap((animation) => (Number(animation.effect?.getComputedTiming().duration) > 10 ? [String(animation.effect?.getComputedTiming().duration)] : [])),
  );
  assert.deepEqual(moving, []);
});

world.scene("in forced colours the seal, its ring and the focus can be seen", async ({ visit }) => {
  const sent = await world.sender.send("forced");
  const page = await visit(sent.link, { forcedColors: "active" });
  await seal(page).focus();
  const outline = await seal(page).evaluate((element) => getComputedStyle(element).outlineStyle);
  assert.notEqual(outline, "none");
  const background = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const wax = await page.locator(".wax-body").first().evaluate((element) => getComputedStyle(element).stroke);
  assert.notEqual(wax, background);
  await hold(page);
  await secret(page).getByText("forced").waitFor();
});

for (const [scheme, choice] of [["dark", "light"], ["light", "dark"]] as const) {
  world.scene(`the theme follows the device, here ${scheme}, until one is chosen`, async ({ visit }) => {
    const page = await visit("/", { colorScheme: scheme });
    const brightness = (): Promise<number> =>
      page.evaluate(() => Math.max(...(getComputedStyle(document.body).backgroundColor.match(/\d+/g) ?? []).slice(0, 3).map(Number)));
    await sees(page, "create.title");
    assert.equal((await brightness()) > 128, scheme === "light");
    await page.locator("footer select").nth(1).selectOption(choice);
    assert.equal((await brightness()) > 128, choice === "light");
    await page.reload();
    await sees(page, "create.title");
    assert.equal((await brightness()) > 128, choice === "light");
  });
}
