import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Page } from "playwright-core";
import { screens, settings } from "../support/screens.js";
import { languages } from "../support/texts.js";
import { createFixture } from "../support/fixture.js";

const fixture = createFixture(settings);
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

interface Violation {
  readonly id: string;
  readonly help: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[];
}

interface Report {
  readonly violations: readonly Violation[];
  readonly passes: readonly unknown[];
}

/** Checks that a page violates no rule of axe, except the experimental ones. */
async function isAccessible(page: Page): Promise<void> {
  // The colours in the middle of an animation do not count.
  await page.evaluate(() => document.getAnimations().forEach((animation) => animation.finish()));
  const report = (await page.evaluate(`${axe}; axe.run(document)`)) as Report;
  const found = report.violations.map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.map((node) => `${node.html} ${node.failureSummary}`).join("; ")}`);
  assert.deepEqual(found, []);
  assert.ok(report.passes.length > 10, `axe has checked ${report.passes.length} rules`);
}

for (const { name, show } of screens) {
  fixture.test(`${name} violates no rule of axe, light and dark`, async ({ visit }) => {
    const page = await show({ sender: fixture.sender, visit });
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme });
      await isAccessible(page);
    }
  });
}

for (const { name, show } of languages.includes("ar") ? screens : []) {
  fixture.test(`${name} violates no rule of axe in Arabic`, async ({ visit }) => {
    const page = await show({ sender: fixture.sender, visit: (address, more) => visit(address, { locale: "ar", ...more }) });
    assert.equal(await page.locator("html").getAttribute("dir"), "rtl");
    await isAccessible(page);
  });
}
