import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { pressWax, secret, waitForHeading, wax } from "../support/actions.js";
import { screens, settings } from "../support/screens.js";
import { languages } from "../support/texts.js";
import { createFixture } from "../support/fixture.js";

const fixture = createFixture(settings);

/** Checks that no element is wider than the window. */
async function fits(page: Page, width: number): Promise<void> {
  const { total, outside } = await page.evaluate((edge) => {
    const boxes = [...document.querySelectorAll("main *, header *, footer *")].filter((element) => {
      const { left, right, width } = element.getBoundingClientRect();
      const hidden = element.closest(".unseen, svg, .sheet, [hidden]") !== null;
      return !hidden && width > 1 && (left < -1 || right > edge + 1);
    });
    return { total: document.documentElement.scrollWidth, outside: boxes.map((element) => element.outerHTML.slice(0, 120)) };
  }, width);
  assert.deepEqual(outside, []);
  assert.ok(total <= width, `the page is ${total} pixels wide in a window of ${width}`);
}

for (const { name, show } of screens) {
  fixture.test(`${name} fits into 320 pixels and into 4K`, async ({ visit }) => {
    const page = await show({ sender: fixture.sender, visit: (address, more) => visit(address, { viewport: { width: 320, height: 640 }, ...more }) });
    await fits(page, 320);
    await page.setViewportSize({ width: 3840, height: 2160 });
    await fits(page, 3840);
  });
}

for (const language of languages) {
  fixture.test(`the create and open screens fit into 320 pixels in ${language}`, async ({ visit }) => {
    const options = { viewport: { width: 320, height: 640 }, locale: language };
    const page = await visit("/", options);
    await waitForHeading(page, "create.title", language);
    await fits(page, 320);
    const sent = await fixture.sender.send("narrow");
    await page.goto(sent.link);
    await waitForHeading(page, "open.ready.title", language);
    await fits(page, 320);
  });
}

fixture.test("with reduced motion nothing moves", async ({ visit }) => {
  const sent = await fixture.sender.send("at rest");
  const page = await visit(sent.link, { reducedMotion: "reduce" });
  await waitForHeading(page, "open.ready.title");
  await pressWax(page);
  await secret(page).waitFor();
  const moving = await page.evaluate(() =>
    document.getAnimations().flatMap((animation) => (Number(animation.effect?.getComputedTiming().duration) > 10 ? [String(animation.effect?.getComputedTiming().duration)] : [])),
  );
  assert.deepEqual(moving, []);
});

fixture.test("in forced colours the wax and the focus are visible", async ({ visit }) => {
  const sent = await fixture.sender.send("forced");
  const page = await visit(sent.link, { forcedColors: "active" });
  await wax(page).focus();
  const outline = await wax(page).evaluate((element) => getComputedStyle(element).outlineStyle);
  assert.notEqual(outline, "none");
  const background = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const stroke = await page.locator(".wax-body").first().evaluate((element) => getComputedStyle(element).stroke);
  assert.notEqual(stroke, background);
  await pressWax(page);
  await secret(page).getByText("forced").waitFor();
});

for (const [scheme, choice] of [["dark", "light"], ["light", "dark"]] as const) {
  fixture.test(`the theme follows a ${scheme} device until another is chosen`, async ({ visit }) => {
    const page = await visit("/", { colorScheme: scheme });
    const brightness = (): Promise<number> =>
      page.evaluate(() => Math.max(...(getComputedStyle(document.body).backgroundColor.match(/\d+/g) ?? []).slice(0, 3).map(Number)));
    await waitForHeading(page, "create.title");
    assert.equal((await brightness()) > 128, scheme === "light");
    await page.locator("footer select").nth(1).selectOption(choice);
    assert.equal((await brightness()) > 128, choice === "light");
    await page.reload();
    await waitForHeading(page, "create.title");
    assert.equal((await brightness()) > 128, choice === "light");
  });
}
