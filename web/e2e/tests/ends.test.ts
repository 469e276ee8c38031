import assert from "node:assert/strict";
import { button, getsSecret, hold, pasteLink, reads, sees } from "../support/actions.js";
import { createWorld } from "../support/fixture.js";

const world = createWorld({ SSS_MIN_TTL: "1s", SSS_TRIES: "2" });

world.scene("read already, and when", async ({ visit }) => {
  const sent = await world.sender.send("read elsewhere");
  await sent.read();
  const page = await visit(sent.link);
  await sees(page, "open.gone.read.title");
  await page.getByText(new RegExp(`${new Date().getUTCFullYear()}.+\\d:\\d\\d`)).waitFor();
});

world.scene("read elsewhere while it was looked at", async ({ visit }) => {
  const sent = await world.sender.send("too late");
  const page = await visit(sent.link);
  await sees(page, "open.ready.title");
  await sent.read();
  await hold(page);
  await sees(page, "open.gone.read.title");
});

world.scene("revoked", async ({ visit }) => {
  const sent = await world.sender.send("taken back");
  await sent.revoke();
  await sees(await visit(sent.link), "open.gone.revoked.title");
});

world.scene("expired", async ({ visit }) => {
  const sent = await world.sender.send({ content: "short-lived", ttl: 2 });
  await sent.becomes("expired");
  await sees(await visit(sent.link), "open.gone.expired.title");
});

world.scene("frozen, and looked at again once it is unlocked", async ({ visit }) => {
  const sent = await world.sender.send({ content: "guessed at", passphrase: "right" });
  await sent.tryWrong();
  await sent.tryWrong();
  await sees(await visit(sent.link), "open.frozen.title");
});

world.scene("held by the operator, and opened once the hold is lifted", async ({ visit }) => {
  const sent = await world.sender.send("held back");
  const lift = await sent.hold();
  const page = await visit(sent.link);
  await sees(page, "open.held.title");
  await reads(page, "open.held.looking");
  await lift();
  await button(page, "open.again.look").click();
  await sees(page, "open.ready.title");
  await hold(page);
  await getsSecret(page, "held back");
});

world.scene("held while it is opened: the page asks on under the same key", async ({ visit }) => {
  const sent = await world.sender.send("held in between");
  const page = await visit(sent.link);
  const keys = new Set<string | undefined>();
  page.on("request", (request) => request.url().endsWith("/read") && keys.add(request.headers()["idempotency-key"]));
  await sees(page, "open.ready.title");
  const lift = await sent.hold();
  await hold(page);
  await sees(page, "open.held.title");
  await reads(page, "open.held.asking");
  await lift();
  await button(page, "open.again.look").click();
  await getsSecret(page, "held in between");
  assert.equal(keys.size, 1);
});

world.scene("unknown", async ({ visit }) => {
  const elsewhere = await world.sender.send("known");
  const page = await visit("/s");
  await page.route("**/api/secrets/*", (route) => route.continue({ headers: { ...route.request().headers(), "secret-access": "A".repeat(43) } }));
  await pasteLink(page, elsewhere.link);
  await sees(page, "open.unknown.title");
});

world.scene("an answer that was changed on the way is not shown", async ({ visit }) => {
  const sent = await world.sender.send("tampered with");
  const page = await visit(sent.link);
  await page.route("**/read", async (route) => {
    const answer = await route.fetch();
    const body = await answer.text();
    await route.fulfill({ response: answer, body: body.replace(/("envelope":\s*"[^"]{200})./, (_, begin: string) => `${begin}~`.replace("~", "A")) });
  });
  await hold(page);
  await sees(page, "open.broken.title");
  assert.ok(!(await page.content()).includes("tampered with"));
});

world.scene("another server: the page names it, and sends nothing of the link", async ({ visit }) => {
  const sent = await world.sender.send("elsewhere");
  const page = await visit("/s");
  await sees(page, "open.paste.title");
  await page.waitForLoadState("networkidle");
  const asked: string[] = [];
  page.on("request", (request) => asked.push(request.url()));
  await pasteLink(page, sent.link.replace(world.handler.url, "https://secrets.example"));
  await sees(page, "open.elsewhere.title");
  const go = page.getByRole("link", { name: /https:\/\/secrets\.example/ });
  assert.equal(await go.getAttribute("href"), "https://secrets.example");
  assert.deepEqual(asked, []);
});

for (const [what, spoil] of [
  ["an API that is no secure context", () => Object.defineProperty(globalThis, "isSecureContext", { value: false })],
  ["no Web Crypto", () => Object.defineProperty(crypto, "subtle", { value: undefined })],
  ["no BigInt in DataView", () => Reflect.deleteProperty(DataView.prototype, "getBigUint64")],
] as const) {
  world.scene(`a browser with ${what} says so, and nothing is lost`, async ({ visit }) => {
    const sent = await world.sender.send("for a newer browser");
    const page = await visit(sent.link, { prepare: (fresh) => fresh.addInitScript(spoil) });
    await sees(page, "open.old.title");
    assert.equal(await sent.state(), "live 1");
  });
}

world.scene("a browser without Workers says so once a passphrase is needed", async ({ visit }) => {
  const sent = await world.sender.send({ content: "no worker", passphrase: "right" });
  const page = await visit(sent.link, { prepare: (fresh) => fresh.addInitScript(() => Reflect.deleteProperty(globalThis, "Worker")) });
  await page.getByLabel(/Passphrase/).first().fill("right");
  await hold(page);
  await sees(page, "open.old.title");
  assert.equal(await sent.state(), "live 1");
});

world.scene("without JavaScript the page says what it needs, and that nothing was read", async ({ visit }) => {
  const sent = await world.sender.send("no script");
  const page = await visit(sent.link, { javaScriptEnabled: false });
  await page.getByText(/needs JavaScript/).waitFor();
  assert.equal(await sent.state(), "live 1");
});
