import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { button, create, field, linkOf, reads } from "../support/actions.js";
import { says } from "../support/texts.js";
import { createWorld } from "../support/fixture.js";

const key = "k-3hJ2mQ9vXc7";
const world = createWorld({
  SSS_CREATE: "key",
  SSS_CREATE_KEYS: createHash("sha256").update(key).digest("hex"),
  SSS_REQUIRE_PASSPHRASE: "true",
});

world.scene("who creates is asked for the operator's key and a passphrase, and told which is missing", async ({ visit }) => {
  const page = await visit("/");
  await field(page, "create.secret").fill("for those who may");
  await field(page, "create.key").waitFor();
  await button(page, "create.submit").click();
  await reads(page, "create.passphrase_required");
  await field(page, "create.passphrase").fill("four horses in the meadow");
  await button(page, "create.submit").click();
  await reads(page, "create.key_missing");
  await field(page, "create.key").fill("not-the-key");
  await button(page, "create.submit").click();
  await reads(page, "create.key_wrong");
  assert.equal(await field(page, "create.secret").inputValue(), "for those who may");
  assert.equal(await field(page, "create.passphrase").inputValue(), "four horses in the meadow");
  await field(page, "create.key").fill(key);
  await button(page, "create.submit").click();
  await linkOf(page);
  assert.equal(await page.evaluate(() => localStorage.length), 0);
});

world.scene("the key is remembered when told to, and forgotten when told to", async ({ visit }) => {
  const page = await visit("/");
  const remember = page.getByRole("checkbox", { name: says("create.key_remember") });
  await field(page, "create.key").fill(key);
  await remember.check();
  await field(page, "create.passphrase").fill("four horses in the meadow");
  await create(page, "first");
  await page.reload();
  assert.equal(await field(page, "create.key").inputValue(), key);
  await remember.uncheck();
  await field(page, "create.passphrase").fill("four horses in the meadow");
  await create(page, "second");
  await page.reload();
  assert.equal(await field(page, "create.key").inputValue(), "");
});
