import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Page } from "playwright-core";
import { screens, settings } from "../support/screens.js";
import { languages } from "../support/texts.js";
import { createWorld } from "../support/fixture.js";

const world = createWorld(settings);
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

/** Expects axe to find nothing wrong with a page, by all of its rules but the experimental ones. */
async function isAccessible(page: Page): Promise<void> {
  // Movements are over at once: colours half way between two are nobody's.
  await page.evaluate(() => document.getAnimations().forEach((animation) => animation.finish()));
  const report = (await page.evaluate(`${axe}; axe.run(document)`)) as Report;
  const found = report.violations.map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.map((node) => `${node.html} ${node.failureSummary}`).join("; ")}`);
  assert.deepEqual(found, []);
  assert.ok(report.passes.length > 10, `axe looked at ${report.passes.length} rules`);
}

for (const { name, show } of screens) {
  world.scene(`axe has nothing to say about ${name}, by day and by night`, async ({ visit }) => {
    const page = await show({ sender: world.sender, visit });
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme });
      await isAccessible(page);
    }
  });
}

for (const { name, show } of languages.includes("ar") ? screens : []) {
  world.scene(`axe has nothing to say about ${name} in Arabic`, async ({ visit }) => {
    const page = await show({ sender: world.sender, visit: (address, more) => visit(address, { locale: "ar", ...more }) });
    assert.equal(await page.locator("html").getAttribute("dir"), "rtl");
    await isAccessible(page);
  });
}
