import assert from "node:assert/strict";
import { measure } from "../support/lighthouse.js";
import { createFixture } from "../support/fixture.js";

const fixture = createFixture();
const categories = ["accessibility", "best-practices", "seo"];

for (const [screen, address] of [
  ["create", async () => `${fixture.handler.url}/`],
  ["open", async () => (await fixture.sender.send("measured")).link],
] as const) {
  fixture.test(`Lighthouse rates ${screen} with 100 for accessibility, best practices and SEO`, async () => {
    const { scores, complaints } = await measure(await address(), categories);
    assert.deepEqual(complaints, []);
    assert.deepEqual(scores, { accessibility: 100, "best-practices": 100, seo: 100 });
  }, 200);
}
