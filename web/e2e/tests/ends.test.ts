import assert from "node:assert/strict";
import { button, pasteLink, pressWax, waitForHeading, waitForSecret, waitForText } from "../support/actions.js";
import { createFixture } from "../support/fixture.js";

const fixture = createFixture({ SSS_MIN_TTL: "1s", SSS_TRIES: "2" });

fixture.test("a secret that was read shows when", async ({ visit }) => {
  const sent = await fixture.sender.send("read elsewhere");
  await sent.read();
  const page = await visit(sent.link);
  await waitForHeading(page, "open.gone.read.title");
  await page.getByText(new RegExp(`${new Date().getUTCFullYear()}.+\\d:\\d\\d`)).waitFor();
});

fixture.test("a secret that is read elsewhere in the meantime is gone", async ({ visit }) => {
  const sent = await fixture.sender.send("too late");
  const page = await visit(sent.link);
  await waitForHeading(page, "open.ready.title");
  await sent.read();
  await pressWax(page);
  await waitForHeading(page, "open.gone.read.title");
});

fixture.test("a revoked secret is gone", async ({ visit }) => {
  const sent = await fixture.sender.send("taken back");
  await sent.revoke();
  await waitForHeading(await visit(sent.link), "open.gone.revoked.title");
});

fixture.test("an expired secret is gone", async ({ visit }) => {
  const sent = await fixture.sender.send({ content: "short-lived", ttl: 2 });
  await sent.waitForState("expired");
  await waitForHeading(await visit(sent.link), "open.gone.expired.title");
});

fixture.test("a frozen secret is shown as frozen", async ({ visit }) => {
  const sent = await fixture.sender.send({ content: "guessed at", passphrase: "right" });
  await sent.tryWrongPassphrase();
  await sent.tryWrongPassphrase();
  await waitForHeading(await visit(sent.link), "open.frozen.title");
});

fixture.test("a secret on hold is opened once the hold is released", async ({ visit }) => {
  const sent = await fixture.sender.send("held back");
  const release = await sent.hold();
  const page = await visit(sent.link);
  await waitForHeading(page, "open.held.title");
  await waitForText(page, "open.held.looking");
  await release();
  await button(page, "open.again.look").click();
  await waitForHeading(page, "open.ready.title");
  await pressWax(page);
  await waitForSecret(page, "held back");
});

fixture.test("a hold during the opening: the page asks again with the same key", async ({ visit }) => {
  const sent = await fixture.sender.send("held in between");
  const page = await visit(sent.link);
  const keys = new Set<string | undefined>();
  page.on("request", (request) => request.url().endsWith("/read") && keys.add(request.headers()["idempotency-key"]));
  await waitForHeading(page, "open.ready.title");
  const release = await sent.hold();
  await pressWax(page);
  await waitForHeading(page, "open.held.title");
  await waitForText(page, "open.held.asking");
  await release();
  await button(page, "open.again.look").click();
  await waitForSecret(page, "held in between");
  assert.equal(keys.size, 1);
});

fixture.test("an unknown secret is shown as unknown", async ({ visit }) => {
  const elsewhere = await fixture.sender.send("known");
  const page = await visit("/s");
  await page.route("**/api/secrets/*", (route) => route.continue({ headers: { ...route.request().headers(), "secret-access": "A".repeat(43) } }));
  await pasteLink(page, elsewhere.link);
  await waitForHeading(page, "open.unknown.title");
});

fixture.test("a changed answer is not shown", async ({ visit }) => {
  const sent = await fixture.sender.send("tampered with");
  const page = await visit(sent.link);
  await page.route("**/read", async (route) => {
    const answer = await route.fetch();
    const body = await answer.text();
    await route.fulfill({ response: answer, body: body.replace(/("envelope":\s*"[^"]{200})./, (_, begin: string) => `${begin}~`.replace("~", "A")) });
  });
  await pressWax(page);
  await waitForHeading(page, "open.broken.title");
  assert.ok(!(await page.content()).includes("tampered with"));
});

fixture.test("for a link of another server the page names that server and sends nothing", async ({ visit }) => {
  const sent = await fixture.sender.send("elsewhere");
  const page = await visit("/s");
  await waitForHeading(page, "open.paste.title");
  await page.waitForLoadState("networkidle");
  const asked: string[] = [];
  page.on("request", (request) => asked.push(request.url()));
  await pasteLink(page, sent.link.replace(fixture.handler.url, "https://secrets.example"));
  await waitForHeading(page, "open.elsewhere.title");
  const go = page.getByRole("link", { name: /https:\/\/secrets\.example/ });
  assert.equal(await go.getAttribute("href"), "https://secrets.example");
  assert.deepEqual(asked, []);
});

for (const [what, remove] of [
  ["no secure context", () => Object.defineProperty(globalThis, "isSecureContext", { value: false })],
  ["no Web Crypto", () => Object.defineProperty(crypto, "subtle", { value: undefined })],
  ["no BigInt in DataView", () => Reflect.deleteProperty(DataView.prototype, "getBigUint64")],
] as const) {
  fixture.test(`a browser with ${what} gets an explanation, and no view is taken`, async ({ visit }) => {
    const sent = await fixture.sender.send("for a newer browser");
    const page = await visit(sent.link, { prepare: (fresh) => fresh.addInitScript(remove) });
    await waitForHeading(page, "open.old.title");
    assert.equal(await sent.state(), "live 1");
  });
}

fixture.test("a browser without Workers gets an explanation once a passphrase is needed", async ({ visit }) => {
  const sent = await fixture.sender.send({ content: "no worker", passphrase: "right" });
  const page = await visit(sent.link, { prepare: (fresh) => fresh.addInitScript(() => Reflect.deleteProperty(globalThis, "Worker")) });
  await page.getByLabel(/Passphrase/).first().fill("right");
  await pressWax(page);
  await waitForHeading(page, "open.old.title");
  assert.equal(await sent.state(), "live 1");
});

fixture.test("without JavaScript the page explains what it needs, and no view is taken", async ({ visit }) => {
  const sent = await fixture.sender.send("no script");
  const page = await visit(sent.link, { javaScriptEnabled: false });
  await page.getByText(/needs JavaScript/).waitFor();
  assert.equal(await sent.state(), "live 1");
});
