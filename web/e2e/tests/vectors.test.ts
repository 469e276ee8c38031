import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import type { Browser } from "playwright-core";
import { launch } from "../support/chromium.js";
import { root } from "../support/handler.js";
import { type LabServer, serveLab } from "../support/lab.js";

let browser: Browser;
let server: LabServer;

before(async () => {
  [browser, server] = await Promise.all([launch(), serveLab()]);
});

after(async () => {
  await browser.close();
  server.close();
});

test("every vector passes in a browser, with Argon2id in the Worker", async (t) => {
  const page = await browser.newPage();
  const errors: string[] = [];
  page.on("console", (message) => message.type() === "error" && errors.push(message.text()));
  await page.goto(server.url);
  const text = readFileSync(join(root, "envelope", "testdata", "vectors.json"), "utf8");
  const { count, failed } = await page.evaluate((json) => lab.vectors(json), text);
  t.diagnostic(`${count} cases`);
  assert.deepEqual(failed, []);
  assert.ok(count > 300, `${count} cases`);
  assert.deepEqual(errors, []);
});
