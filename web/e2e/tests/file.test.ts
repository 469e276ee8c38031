import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import type { Page } from "playwright-core";
import { button, create, field, hold, linkOf, reads, saves, secret, sees } from "../support/actions.js";
import { says } from "../support/texts.js";
import { createWorld } from "../support/fixture.js";

const world = createWorld();

/** A PNG of one pixel. */
const pixel = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
  "base64",
);

/** Lets an event of the page carry a file, as one that a person drops or pastes does. */
async function bring(page: Page, kind: "drop" | "paste", bytes: Buffer, name: string): Promise<void> {
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

async function isHandedOver(page: Page, reader: Page, name: string, bytes: Buffer): Promise<void> {
  await button(page, "create.submit").click();
  await reader.goto(await linkOf(page));
  await hold(reader);
  await sees(reader, "open.shown.file");
  await reader.getByText(name).first().waitFor();
  await reads(reader, "open.shown.due");
  const saved = await saves(reader, button(reader, "open.save"));
  assert.equal(saved.name, name);
  assert.ok(saved.bytes.equals(bytes), "the bytes that were saved");
  await reads(reader, "open.shown.gone");
}

world.scene("a file that was chosen arrives to the byte", async ({ visit }) => {
  const [page, reader] = [await visit("/"), await visit("/s")];
  const bytes = randomBytes(300_000);
  await page.getByTestId("file").setInputFiles({ name: "keys.p12", mimeType: "application/x-pkcs12", buffer: bytes });
  await page.getByText("keys.p12").first().waitFor();
  await isHandedOver(page, reader, "keys.p12", bytes);
});

for (const kind of ["drop", "paste"] as const) {
  world.scene(`a file from a ${kind} arrives to the byte`, async ({ visit }) => {
    const [page, reader] = [await visit("/"), await visit("/s")];
    const bytes = randomBytes(1234);
    await bring(page, kind, bytes, "letter.pdf");
    await isHandedOver(page, reader, "letter.pdf", bytes);
  });
}

world.scene("an empty file arrives, too", async ({ visit }) => {
  const [page, reader] = [await visit("/"), await visit("/s")];
  await page.getByTestId("file").setInputFiles({ name: "empty.txt", mimeType: "text/plain", buffer: Buffer.alloc(0) });
  await isHandedOver(page, reader, "empty.txt", Buffer.alloc(0));
});

world.scene("a text waits behind a file and comes back", async ({ visit }) => {
  const page = await visit("/");
  await field(page, "create.secret").fill("typed before");
  await page.getByTestId("file").setInputFiles({ name: "a.bin", mimeType: "", buffer: Buffer.of(1) });
  await page.getByText(says("create.text_waits")).waitFor();
  await button(page, "create.remove").click();
  assert.equal(await field(page, "create.secret").inputValue(), "typed before");
});

world.scene("two files at once are refused, and a file over the limit before it is sealed", async ({ visit }) => {
  const page = await visit("/");
  await page.getByTestId("file").setInputFiles({ name: "big.bin", mimeType: "", buffer: Buffer.alloc(1_000_000) });
  await reads(page, "create.too_large");
  await button(page, "create.submit").click();
  await reads(page, "create.too_large");
});

world.scene("the largest file that fits arrives", async ({ visit }) => {
  const [page, reader] = [await visit("/"), await visit("/s")];
  const bytes = randomBytes(880_000);
  await page.getByTestId("file").setInputFiles({ name: "large.bin", mimeType: "", buffer: bytes });
  await isHandedOver(page, reader, "large.bin", bytes);
});

world.scene("an image is looked at on request, under the type that its bytes have", async ({ visit }) => {
  const sent = await world.sender.send({ content: pixel, name: "cat.png", media: "text/html" });
  const page = await visit(sent.link);
  await hold(page);
  await button(page, "open.image.show").click();
  await reads(page, "open.shown.gone");
  assert.equal(await page.getByRole("img", { name: says("open.image.label") }).evaluate((image: HTMLImageElement) => image.naturalWidth), 1);
});

for (const [what, name, safe, media] of [
  ["a path", "../../etc/passwd", "passwd", "text/plain"],
  ["a right-to-left override", "invoice\u202efdp.exe", "invoicefdp.exe", "application/pdf"],
  ["HTML", "<img src=x onerror=alert(1)>.html", "_img src=x onerror=alert(1)_.html", "text/html"],
  ["500 characters", `${"n".repeat(500)}.txt`, `${"n".repeat(95)}….txt`, "text/plain"],
  ["a device", "CON", "_CON", "x/\u202e"],
] as const) {
  world.scene(`a file named by ${what} does no harm`, async ({ visit }) => {
    const content = Buffer.from("<script>document.title = 'run'</script><svg onload=alert(1)>");
    const sent = await world.sender.send({ content, name, media });
    const page = await visit(sent.link);
    await hold(page);
    await sees(page, "open.shown.file");
    const saved = await saves(page, button(page, "open.save"));
    assert.equal(saved.name, safe);
    assert.ok(saved.bytes.equals(content));
    assert.equal(await page.locator("main script, main img, main svg, main iframe, main object").count(), 0);
    assert.ok(!/[\u202a-\u202e\u2066-\u2069]/.test((await page.locator("main").textContent()) ?? ""));
  });
}

world.scene("HTML, scripts and invisible characters in a text stay a text", async ({ visit }) => {
  const text = "<img src=x onerror=alert(1)><script>alert(1)</script>\u202e[go](javascript:alert(1))\u0000";
  const sent = await world.sender.send(text);
  const page = await visit(sent.link);
  await hold(page);
  await secret(page).getByText("<img src=x onerror=alert(1)>").waitFor();
  await reads(page, "open.shown.gone");
  await reads(page, "open.text.codes");
  for (const view of ["text", "markdown", "code"]) {
    await page.locator(".views select").selectOption(view);
    assert.equal(await secret(page).locator("script, img, a[href^=javascript]").count(), 0);
    assert.ok(!((await secret(page).textContent()) ?? "").includes("\u202e"));
  }
  const saved = await saves(page, button(page, "open.save.text"));
  assert.equal(saved.bytes.toString(), text);
});

world.scene("890 KiB on one line are shown, and the page stays as wide as the window", async ({ visit }) => {
  const text = `${"0123456789".repeat(88_999)}the end`;
  const link = await create(await visit("/"), text);
  const reader = await visit(link, { viewport: { width: 400, height: 800 } });
  await hold(reader);
  await reads(reader, "open.shown.gone");
  assert.equal(await secret(reader).textContent(), text);
  assert.ok((await reader.evaluate(() => document.documentElement.scrollWidth)) <= 400);
});
