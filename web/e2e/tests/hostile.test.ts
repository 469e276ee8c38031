import assert from "node:assert/strict";
import { create, manageLinkOf, pressWax, waitForSecret } from "../support/actions.js";
import { createFixture } from "../support/fixture.js";

/** An API that names another page as the one that opens its links. */
const fixture = createFixture({ SSS_ORIGIN: "https://secrets.examp1e.com" });

fixture.test("links lead to the page that made them, whatever the API says", async ({ visit }) => {
  const page = await visit("/");
  const link = await create(page, "for this page only");
  assert.ok(link.startsWith(`${fixture.handler.url}/s#1`), link);
  const manageLink = await manageLinkOf(page);
  assert.ok(manageLink.startsWith(`${fixture.handler.url}/m#1`), manageLink);
  assert.ok(!(await page.content()).includes("examp1e"));
  const reader = await visit(link);
  await pressWax(reader);
  await waitForSecret(reader, "for this page only");
});
