/**
 * What a browser keeps on disk of a link and of a secret. The texts of the page (open.paste.why,
 * open.shown.history, manage.paste.text) say the same.
 */
import assert from "node:assert/strict";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type BrowserContext, chromium, type Page } from "playwright-core";
import { addPassphrase, create, field, manageLinkOf, pasteLink, pressWax, secret, waitForHeading, waitForText } from "../support/actions.js";
import { chromiumPath, flags, isRoot } from "../support/chromium.js";
import { createFixture } from "../support/fixture.js";
import { wholeText } from "../support/texts.js";

const fixture = createFixture();
const plaintext = "zq8-plaintext-of-a-secret-4711";
const passphrase = "zq8-passphrase-of-a-secret-4712";

/** Runs a person's visit with a profile of its own on disk, closes the browser and returns the files of the profile by path. */
async function profileAfter(visit: (page: Page) => Promise<unknown>): Promise<ReadonlyMap<string, Buffer>> {
  const folder = await mkdtemp(join(tmpdir(), "profile-"));
  try {
    const context: BrowserContext = await chromium.launchPersistentContext(folder, {
      executablePath: chromiumPath(),
      chromiumSandbox: !isRoot,
      args: flags,
      locale: "en-GB",
    });
    try {
      const page = await context.newPage();
      page.setDefaultTimeout(20_000);
      await visit(page);
    } finally {
      await context.close();
    }
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
    return new Map(await Promise.all(files.map(async (path) => [path.slice(folder.length + 1), await readFile(path)] as const)));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Returns the files that contain a part of the text, in UTF-8 or UTF-16. */
function filesWith(files: ReadonlyMap<string, Buffer>, text: string): readonly string[] {
  assert.ok(files.size > 10, "the profile is on disk");
  const size = 10;
  const parts = Array.from({ length: Math.floor(text.length / size) }, (_, i) => text.slice(i * size, (i + 1) * size));
  const forms = parts.flatMap((part) => [Buffer.from(part), Buffer.from(part, "utf16le")]);
  return [...files].filter(([, bytes]) => forms.some((form) => bytes.includes(form))).map(([path]) => path);
}

async function read(page: Page): Promise<void> {
  await pressWax(page);
  await secret(page).getByText(plaintext).waitFor();
}

fixture.test("a link that was opened stays in the history with its key, and the page says so; what was read does not stay", async () => {
  const sent = await fixture.sender.send({ content: plaintext, views: 2 });
  const files = await profileAfter(async (page) => {
    await page.goto(sent.link);
    await read(page);
    await waitForText(page, "open.shown.history");
    await page.reload();
    await waitForText(page, "open.paste.why");
  });
  assert.ok(filesWith(files, sent.fragment).some((path) => path.endsWith("/History")), "the text on history is true");
  assert.deepEqual(filesWith(files, plaintext), []);
});

fixture.test("a link that was pasted into the page stays nowhere", async () => {
  const sent = await fixture.sender.send(plaintext);
  const files = await profileAfter(async (page) => {
    await page.goto(`${fixture.handler.url}/s`);
    await pasteLink(page, sent.link);
    await read(page);
  });
  assert.deepEqual([...filesWith(files, sent.fragment), ...filesWith(files, plaintext)], []);
});

for (const path of ["/m", "/s"]) {
  fixture.test(`a manage link that was pasted at ${path} stays nowhere`, async () => {
    const sent = await fixture.sender.send(plaintext);
    const files = await profileAfter(async (page) => {
      await page.goto(`${fixture.handler.url}${path}`);
      await pasteLink(page, sent.manageLink);
      await page.getByTestId("state").getByText(wholeText("manage.state.live")).waitFor();
    });
    assert.deepEqual(filesWith(files, sent.manageLink.split("#")[1] ?? ""), []);
  });
}

fixture.test("nothing stays of a secret, a passphrase and the links that were made here", async () => {
  const made: string[] = [];
  const files = await profileAfter(async (page) => {
    await page.goto(fixture.handler.url);
    await addPassphrase(page, passphrase);
    made.push(await create(page, plaintext), await manageLinkOf(page));
  });
  for (const text of [plaintext, passphrase, ...made.map((link) => link.replace(/.*#/, ""))]) {
    assert.deepEqual(filesWith(files, text), [], text);
  }
});

fixture.test("nothing stays of what was typed and not sent", async () => {
  const files = await profileAfter(async (page) => {
    await page.goto(fixture.handler.url);
    await addPassphrase(page, passphrase);
    await field(page, "create.secret").fill(plaintext);
    await waitForHeading(page, "create.title");
  });
  assert.deepEqual([...filesWith(files, plaintext), ...filesWith(files, passphrase)], []);
});
