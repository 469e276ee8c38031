import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import type { Page } from "playwright-core";
import { button, create, download, field, linkOf, pressWax, secret, waitForHeading, waitForText } from "../support/actions.js";
import { wholeText } from "../support/texts.js";
import { createFixture } from "../support/fixture.js";

const fixture = createFixture();

/** A PNG of one pixel. */
const pixel = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
  "base64",
);

/** Dispatches the event of a dropped or pasted file. */
async function dispatchFile(page: Page, kind: "drop" | "paste", bytes: Buffer, name: string): Promise<void> {
  await field(page, "create.secret").evaluate(
    (target, { kind, bytes, name }) => {
      const data = new DataTransfer();
      data.items.add(new File([Uint8Array.from(bytes)], name, { type: "application/pdf" }));
      const shared = { bubbles: true, cancelable: true };
      target.dispatchEvent(
        kind === "drop"
          ? new DragEvent("drop", { ...shared, dataTransfer: data })
          : new ClipboardEvent("paste", { ...shared, clipboardData: data }),
      );
    },
    { kind, bytes: [...bytes], name },
  );
}

async function arrives(page: Page, reader: Page, name: string, bytes: Buffer): Promise<void> {
  await button(page, "create.submit").click();
  await reader.goto(await linkOf(page));
  await pressWax(reader);
  await waitForHeading(reader, "open.shown.file");
  await reader.getByText(name).first().waitFor();
  await waitForText(reader, "open.shown.due");
  const saved = await download(reader, button(reader, "open.save"));
  assert.equal(saved.name, name);
  assert.ok(saved.bytes.equals(bytes), "the saved bytes");
  await waitForText(reader, "open.shown.gone");
}

fixture.test("a chosen file arrives unchanged", async ({ visit }) => {
  const [page, reader] = [await visit("/"), await visit("/s")];
  const bytes = randomBytes(300_000);
  await page.getByTestId("file").setInputFiles({ name: "keys.p12", mimeType: "application/x-pkcs12", buffer: bytes });
  await page.getByText("keys.p12").first().waitFor();
  await arrives(page, reader, "keys.p12", bytes);
});

for (const kind of ["drop", "paste"] as const) {
  fixture.test(`a file from a ${kind} arrives unchanged`, async ({ visit }) => {
    const [page, reader] = [await visit("/"), await visit("/s")];
    const bytes = randomBytes(1234);
    await dispatchFile(page, kind, bytes, "letter.pdf");
    await arrives(page, reader, "letter.pdf", bytes);
  });
}

fixture.test("an empty file arrives", async ({ visit }) => {
  const [page, reader] = [await visit("/"), await visit("/s")];
  await page.getByTestId("file").setInputFiles({ name: "empty.txt", mimeType: "text/plain", buffer: Buffer.alloc(0) });
  await arrives(page, reader, "empty.txt", Buffer.alloc(0));
});

fixture.test("a text comes back when the file is removed", async ({ visit }) => {
  const page = await visit("/");
  await field(page, "create.secret").fill("typed before");
  await page.getByTestId("file").setInputFiles({ name: "a.bin", mimeType: "", buffer: Buffer.of(1) });
  await page.getByText(wholeText("create.text_waits")).waitFor();
  await button(page, "create.remove").click();
  assert.equal(await field(page, "create.secret").inputValue(), "typed before");
});

fixture.test("a file over the limit is refused before it is sealed", async ({ visit }) => {
  const page = await visit("/");
  await page.getByTestId("file").setInputFiles({ name: "big.bin", mimeType: "", buffer: Buffer.alloc(1_000_000) });
  await waitForText(page, "create.too_large");
  await button(page, "create.submit").click();
  await waitForText(page, "create.too_large");
});

fixture.test("the largest file that fits arrives", async ({ visit }) => {
  const [page, reader] = [await visit("/"), await visit("/s")];
  const bytes = randomBytes(880_000);
  await page.getByTestId("file").setInputFiles({ name: "large.bin", mimeType: "", buffer: bytes });
  await arrives(page, reader, "large.bin", bytes);
});

fixture.test("an image is shown on request, with the type of its bytes", async ({ visit }) => {
  const sent = await fixture.sender.send({ content: pixel, name: "cat.png", media: "text/html" });
  const page = await visit(sent.link);
  await pressWax(page);
  await button(page, "open.image.show").click();
  await waitForText(page, "open.shown.gone");
  assert.equal(await page.getByRole("img", { name: wholeText("open.image.label") }).evaluate((image: HTMLImageElement) => image.naturalWidth), 1);
});

for (const [what, name, safe, media] of [
  ["a path", "../../etc/passwd", "passwd", "text/plain"],
  ["a right-to-left override", "invoice\u202efdp.exe", "invoicefdp.exe", "application/pdf"],
  ["HTML", "<img src=x onerror=alert(1)>.html", "_img src=x onerror=alert(1)_.html", "text/html"],
  ["500 characters", `${"n".repeat(500)}.txt`, `${"n".repeat(193)}….txt`, "text/plain"],
  ["a device name", "CON", "_CON", "x/\u202e"],
] as const) {
  fixture.test(`a file name with ${what} does no harm`, async ({ visit }) => {
    const content = Buffer.from("<script>document.title = 'run'</script><svg onload=alert(1)>");
    const sent = await fixture.sender.send({ content, name, media });
    const page = await visit(sent.link);
    await pressWax(page);
    await waitForHeading(page, "open.shown.file");
    const saved = await download(page, button(page, "open.save"));
    assert.equal(saved.name, safe);
    assert.ok(saved.bytes.equals(content));
    assert.equal(await page.locator("main script, main img, main svg, main iframe, main object").count(), 0);
    assert.ok(!/[\u202a-\u202e\u2066-\u2069]/.test((await page.locator("main").textContent()) ?? ""));
  });
}

fixture.test("HTML, scripts and invisible characters in a text are shown as text", async ({ visit }) => {
  const text = "<img src=x onerror=alert(1)><script>alert(1)</script>\u202e[go](javascript:alert(1))\u0000";
  const sent = await fixture.sender.send(text);
  const page = await visit(sent.link);
  await pressWax(page);
  await secret(page).getByText("<img src=x onerror=alert(1)>").waitFor();
  await waitForText(page, "open.shown.gone");
  await waitForText(page, "open.text.codes");
  for (const view of ["text", "markdown", "code"]) {
    await page.locator(".views select").selectOption(view);
    assert.equal(await secret(page).locator("script, img, a[href^=javascript]").count(), 0);
    assert.ok(!((await secret(page).textContent()) ?? "").includes("\u202e"));
  }
  const saved = await download(page, button(page, "open.save.text"));
  assert.equal(saved.bytes.toString(), text);
});

fixture.test("a line of 890 KiB is shown, and the page stays as wide as the window", async ({ visit }) => {
  const text = `${"0123456789".repeat(88_999)}the end`;
  const link = await create(await visit("/"), text);
  const reader = await visit(link, { viewport: { width: 400, height: 800 } });
  await pressWax(reader);
  await waitForText(reader, "open.shown.gone");
  assert.equal(await secret(reader).textContent(), text);
  assert.ok((await reader.evaluate(() => document.documentElement.scrollWidth)) <= 400);
});
