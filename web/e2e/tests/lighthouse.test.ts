import assert from "node:assert/strict";
import { measure } from "../support/lighthouse.js";
import { createWorld } from "../support/fixture.js";

const world = createWorld();
const categories = ["accessibility", "best-practices", "seo"];

for (const [screen, address] of [
  ["create", async () => `${world.handler.url}/`],
  ["open", async () => (await world.sender.send("measured")).link],
] as const) {
  world.scene(`Lighthouse gives ${screen} 100 for accessibility, best practices and SEO`, async () => {
    const { scores, complaints } = await measure(await address(), categories);
    assert.deepEqual(complaints, []);
    assert.deepEqual(scores, { accessibility: 100, "best-practices": 100, seo: 100 });
  }, 200);
}
