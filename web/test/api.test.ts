import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { ApiError, createApi } from "../src/api/index.js";
import { decodeBase64url, encodeBase64url } from "../src/api/base64url.js";
import { discover } from "../src/api/discover.js";
import type { Bytes } from "../src/format/bytes.js";
import { deriveKeys, type Keys } from "../src/format/keys.js";
import { parseLink } from "../src/format/link.js";
import { answer, FakeServer, origin, problem } from "./fake-server.js";

const key: Bytes = new Uint8Array(32).fill(7);

async function stored(): Promise<{ server: FakeServer; keys: Keys; read: (options?: object) => Promise<unknown> }> {
  const server = new FakeServer();
  const keys = await deriveKeys(await parseLink(await server.put("hunter2")));
  const api = createApi(origin, server.transport());
  return { server, keys, read: (options) => api.read(keys.id, keys.access, keys.claim, key, options) };
}

function isError(name: string, details: object = {}): (error: unknown) => boolean {
  return (error) => {
    assert.ok(error instanceof ApiError);
    assert.equal(error.problem, name);
    assert.deepEqual({ ...error.details, ...details }, error.details);
    return true;
  };
}

function transportOf(...responses: Response[]) {
  return { ...new FakeServer().transport(), fetch: async () => responses.shift() ?? problem(404, "not-found") };
}

test("a lost answer takes no second view", async () => {
  const { server, read } = await stored();
  server.fates.push("lose-answer", "lose-answer", "answer");
  const retries: number[] = [];
  await read({ onRetry: (attempt: number) => retries.push(attempt) });
  assert.equal(server.views, 0);
  assert.deepEqual(retries, [2, 3]);
  const keys = new Set(server.seen.map((request) => request.headers.get("Idempotency-Key")));
  assert.deepEqual([...keys], [encodeBase64url(key)]);
});

test("after a 503 the call waits for Retry-After", async () => {
  const { server, read } = await stored();
  server.fates.push({ status: 503, type: "unavailable", after: 7 });
  await read();
  assert.deepEqual(server.waits, [7000]);
});

test("a call is tried again after a 502 of a gateway, but not after the page of a portal", async () => {
  const { server, read } = await stored();
  server.fates.push({ status: 502 }, { status: 403 });
  await assert.rejects(read(), isError("bad-answer"));
  assert.equal(server.seen.length, 2);
});

test("a call does not wait longer than its patience", async () => {
  const { server, read } = await stored();
  server.fates.push({ status: 429, type: "rate-limited", after: 600 });
  await assert.rejects(read(), isError("rate-limited", { retry_after: 600 }));
  assert.deepEqual(server.waits, []);
});

test("a full store is reported at once, also by a gateway: waiting does not make room", async () => {
  for (const type of ["full", undefined]) {
    const { server, read } = await stored();
    server.fates.push({ status: 507, ...(type && { type }) });
    await assert.rejects(read(), isError("full", {}));
    assert.deepEqual([server.seen.length, server.waits], [1, []]);
  }
});

test("a read is not tried again after the lease of its first try", async () => {
  const { server, read } = await stored();
  server.fates.push(...Array.from({ length: 500 }, () => "lose-request" as const));
  await assert.rejects(read(), isError("unreachable"));
  assert.ok(server.clock <= 80_000 && server.clock > 70_000, `${server.clock} ms`);
});

test("without a network a call fails at once", async () => {
  const { server, read } = await stored();
  server.online = false;
  await assert.rejects(read(), isError("offline"));
  assert.equal(server.seen.length, 1);
});

test("a try that hangs is aborted and followed by another with the same key", async () => {
  const { server, read } = await stored();
  mock.timers.enable({ apis: ["setTimeout"] });
  server.fates.push("hang");
  const reading = read();
  mock.timers.tick(20_000);
  await reading;
  mock.timers.reset();
  assert.equal(server.seen.length, 2);
});

test("an aborted call rejects with the reason, during a try and before it", async () => {
  const { server, read } = await stored();
  const abort = new AbortController();
  server.fates.push("hang");
  const reading = read({ signal: abort.signal });
  abort.abort(new Error("left"));
  await assert.rejects(reading, /left/);
  await assert.rejects(read({ signal: abort.signal }), /left/);
  assert.equal(server.seen.length, 1);
});

test("a wrong passphrase reports the tries left", async () => {
  const { server, keys } = await stored();
  const wrong = createApi(origin, server.transport()).read(keys.id, keys.access, key, key);
  await assert.rejects(wrong, isError("wrong-passphrase", { tries_left: 9 }));
});

test("a hold reports its end, and afterwards the same key reads", async () => {
  const { server, read } = await stored();
  server.held = true;
  await assert.rejects(read(), isError("held", { until: Date.UTC(2026, 10, 24, 11) / 1000 }));
  server.held = false;
  await read();
  assert.equal(server.views, 0);
});

test("a gone secret reports why and when, and an invalid time is left out", async () => {
  const api = (at: unknown) => createApi(origin, transportOf(problem(410, "gone", { reason: "read", at })));
  await assert.rejects(
    api("2026-11-24T10:05:00Z").status(key.slice(0, 20), key),
    isError("gone", { reason: "read", at: 1795514700 }),
  );
  await assert.rejects(
    api("yesterday").status(key.slice(0, 20), key),
    (error) => isError("gone")(error) && !JSON.stringify(error).includes('"at"'),
  );
});

for (const [name, body] of [
  ["no members", {}],
  [
    "an unknown state",
    { id: "x", state: "open", views_left: 1, expires_at: "2026-11-24T10:05:00Z", passphrase: false },
  ],
  [
    "a number as a string",
    { id: "x", state: "live", views_left: "1", expires_at: "2026-11-24T10:05:00Z", passphrase: false },
  ],
  ["a list", []],
] as const) {
  test(`an answer with ${name} is rejected`, async () => {
    const api = createApi(origin, transportOf(answer(body)));
    await assert.rejects(api.status(key.slice(0, 20), key), isError("bad-answer"));
  });
}

test("HTML with status 200 is rejected", async () => {
  const api = createApi(origin, transportOf(new Response("<html>", { headers: { "Content-Type": "text/html" } })));
  await assert.rejects(api.config(), isError("bad-answer"));
});

test("the API is the one in config.json, or else at the origin of the page", async () => {
  assert.equal(await discover(origin, transportOf(answer({ api: "https://api.example" }))), "https://api.example");
  assert.equal(await discover(origin, transportOf(answer({ api: "javascript:alert(1)" }))), origin);
  assert.equal(await discover(origin, transportOf(answer({}))), origin);
  assert.equal(await discover(origin, transportOf(new Response("", { status: 404 }))), origin);
  assert.equal(await discover(origin, transportOf(new Response("<html>"))), origin);
  const server = new FakeServer();
  server.online = false;
  await assert.rejects(discover(origin, server.transport()), isError("offline"));
});

test("base64url decodes to the encoded bytes, at every length and over several blocks", () => {
  for (const size of [0, 1, 2, 3, 31, 32, 8189, 8190, 8191, 100_000]) {
    const bytes = crypto.getRandomValues(new Uint8Array(Math.min(size, 65536)));
    const text = encodeBase64url(bytes);
    assert.equal(text, Buffer.from(bytes).toString("base64url"));
    assert.deepEqual(decodeBase64url(text), bytes);
  }
  assert.equal(decodeBase64url("a+b/"), undefined);
  assert.equal(decodeBase64url("a"), undefined);
});
