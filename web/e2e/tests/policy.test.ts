import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { button, create, field, linkOf, waitForText } from "../support/actions.js";
import { wholeText } from "../support/texts.js";
import { createFixture } from "../support/fixture.js";

const key = "k-3hJ2mQ9vXc7";
const fixture = createFixture({
  SSS_CREATE: "key",
  SSS_CREATE_KEYS: createHash("sha256").update(key).digest("hex"),
  SSS_REQUIRE_PASSPHRASE: "true",
});

fixture.test("a missing key or passphrase is explained, and what was typed stays", async ({ visit }) => {
  const page = await visit("/");
  await field(page, "create.secret").fill("for those who may");
  await field(page, "create.key").waitFor();
  await button(page, "create.submit").click();
  await waitForText(page, "create.passphrase_required");
  await field(page, "create.passphrase").fill("four horses in the meadow");
  await button(page, "create.submit").click();
  await waitForText(page, "create.key_missing");
  await field(page, "create.key").fill("not-the-key");
  await button(page, "create.submit").click();
  await waitForText(page, "create.key_wrong");
  assert.equal(await field(page, "create.secret").inputValue(), "for those who may");
  assert.equal(await field(page, "create.passphrase").inputValue(), "four horses in the meadow");
  await field(page, "create.key").fill(key);
  await button(page, "create.submit").click();
  await linkOf(page);
  assert.equal(await page.evaluate(() => localStorage.length), 0);
});

fixture.test("the key is remembered and forgotten on request", async ({ visit }) => {
  const page = await visit("/");
  const remember = page.getByRole("checkbox", { name: wholeText("create.key_remember") });
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
