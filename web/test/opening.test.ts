import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { createApi } from "../src/api/index.js";
import { fromUtf8, random } from "../src/format/bytes.js";
import { open } from "../src/format/envelope.js";
import { argon2 } from "../src/format/argon2.js";
import { deriveKeys } from "../src/format/keys.js";
import { type OpenEnvironment, Opening } from "../src/screens/open/opening.js";
import type { OpenState } from "../src/screens/open/state.js";
import { FakeServer, origin } from "./fake-server.js";

interface Fixture {
  readonly server: FakeServer;
  readonly link: string;
  readonly seen: string[];
  open(changes?: Partial<OpenEnvironment>): Opening;
}

/** Every wait calls meanwhile. By default that fails the test, so that a hold that is never released cannot hang it. */
async function setUp(passphrase = "", views = 1, meanwhile: () => void = () => assert.fail("waited")): Promise<Fixture> {
  const server = new FakeServer();
  const link = await server.put("hunter2", passphrase, views);
  const seen: string[] = [];
  const api = createApi(origin, server.transport());
  const environment: OpenEnvironment = {
    origin,
    api: async () => api,
    derive: (of, word) => deriveKeys(of, word, argon2),
    open,
    newKey: () => random(32),
    missing: () => undefined,
    wait: async () => meanwhile(),
  };
  const make = (changes: Partial<OpenEnvironment> = {}): Opening => {
    const opening = new Opening({ ...environment, ...changes });
    opening.subscribe((state) => seen.push(state.screen));
    return opening;
  };
  return { server, link, seen, open: make };
}

function at<Screen extends OpenState["screen"]>(
  opening: Opening,
  screen: Screen,
): Extract<OpenState, { screen: Screen }> {
  const { state } = opening;
  assert.equal(state.screen, screen);
  return state as Extract<OpenState, { screen: Screen }>;
}

const textIn = fromUtf8;

describe("looking", () => {
  test("takes no view, and nothing is read before the reader asks", async () => {
    const { server, link, open } = await setUp();
    const opening = open();
    await opening.start(link);
    assert.equal(at(opening, "ready").status.views_left, 1);
    assert.deepEqual([server.views, server.reads().length], [1, 0]);
  });

  for (const [what, screen, prepare] of [
    ["revoked", "gone", (server: FakeServer) => (server.revoked = true)],
    ["read", "gone", (server: FakeServer) => (server.views = 0)],
    ["frozen", "frozen", (server: FakeServer) => (server.tries = 0)],
    ["without a network", "trouble", (server: FakeServer) => (server.online = false)],
    [
      "rate limited",
      "trouble",
      (server: FakeServer) => server.fates.push({ status: 429, type: "rate-limited", after: 60 }),
    ],
    ["unknown", "unknown", (server: FakeServer) => server.fates.push({ status: 404, type: "not-found" })],
  ] as const) {
    test(`${what} leads to the screen ${screen}`, async () => {
      const { server, link, open } = await setUp();
      prepare(server);
      const opening = open();
      await opening.start(link);
      at(opening, screen);
    });
  }

  test("a secret that is frozen for use from many addresses says so", async () => {
    const { server, link, open } = await setUp();
    server.frozen = { reason: "addresses" };
    const opening = open();
    await opening.start(link);
    assert.deepEqual(at(opening, "frozen"), { screen: "frozen", reason: "addresses", final: false });
  });

  test("a link of another server is not sent", async () => {
    const { server, link, open } = await setUp();
    const opening = open({ origin: "https://other.example" });
    await opening.start(link);
    assert.equal(at(opening, "elsewhere").origin, origin);
    assert.equal(server.seen.length, 0);
  });

  test("a link that was cut off is reported before any request", async () => {
    const { server, link, open } = await setUp();
    const opening = open();
    await opening.start(link.slice(0, -9));
    assert.equal(at(opening, "damaged").damage, "cut");
    assert.equal(server.seen.length, 0);
  });

  test("an address without a fragment leads to the form for a link", async () => {
    const opening = (await setUp()).open();
    await opening.start(`${origin}/s`);
    at(opening, "paste");
  });

  test("the missing feature of an old browser is reported", async () => {
    const { link, open } = await setUp();
    const opening = open({ missing: () => "WebCrypto" });
    await opening.start(link);
    assert.equal(at(opening, "old").missing, "WebCrypto");
  });

  test("looking again works once the network is back", async () => {
    const { server, link, open } = await setUp();
    server.online = false;
    const opening = open();
    await opening.start(link);
    assert.equal(at(opening, "trouble").asking, false);
    server.online = true;
    await opening.again();
    at(opening, "ready");
  });

  test("the status is repeated until a hold ends, and nothing is read without the reader", async () => {
    let looks = 0;
    const here = await setUp("", 1, () => void (++looks === 3 && (here.server.held = false)));
    here.server.held = true;
    const opening = here.open();
    await opening.start(here.link);
    at(opening, "ready");
    assert.equal(here.server.reads().length, 0);
  });
});

describe("reading", () => {
  test("shows the secret, and acknowledges it once it was seen", async () => {
    const { server, link, open } = await setUp();
    const opening = open();
    await opening.start(link);
    await opening.read();
    const { secret, ack } = at(opening, "shown");
    assert.deepEqual([textIn(secret.data), secret.left, ack, server.acked.size], ["hunter2", 0, "due", 0]);
    await Promise.all([opening.seen(), opening.seen()]);
    assert.deepEqual([at(opening, "shown").ack, server.acked.size], ["done", 1]);
    assert.equal(server.seen.filter((request) => request.path.endsWith("/ack")).length, 1);
  });

  test("reading twice at once is one read with one key", async () => {
    const { server, link, open } = await setUp("", 5);
    const opening = open();
    await opening.start(link);
    await Promise.all([opening.read(), opening.read(), opening.read()]);
    at(opening, "shown");
    assert.deepEqual([server.views, server.reads().length], [4, 1]);
  });

  test("after lost answers the page visibly tries again with the same key", async () => {
    const { server, link, open, seen } = await setUp();
    const opening = open();
    await opening.start(link);
    server.fates.push("lose-answer", "lose-request", { status: 503, type: "unavailable" });
    await opening.read();
    at(opening, "shown");
    assert.equal(new Set(server.reads().map((request) => request.headers.get("Idempotency-Key"))).size, 1);
    assert.equal(seen.filter((screen) => screen === "reading").length, 5); // two for the read, one for each retry
  });

  test("trying again uses the same key, which gets the view that the lost answer took", async () => {
    const { server, link, open } = await setUp();
    const opening = open();
    await opening.start(link);
    server.fates.push("lose-answer", { status: 503, type: "unavailable", after: 300 });
    await opening.read();
    assert.equal(at(opening, "trouble").asking, true);
    assert.equal(server.views, 0);
    await opening.again();
    assert.equal(textIn(at(opening, "shown").secret.data), "hunter2");
  });

  test("of two tabs one gets the secret, and the other reports that it was read", async () => {
    const { link, open } = await setUp();
    const [one, other] = [open(), open()];
    await Promise.all([one.start(link), other.start(link)]);
    await one.read();
    await other.read();
    at(one, "shown");
    assert.equal(at(other, "gone").reason, "read");
  });

  test("a view that lapsed is reported, and another read takes another view", async () => {
    const { server, link, open } = await setUp("", 2);
    const opening = open();
    await opening.start(link);
    server.fates.push("lose-answer", { status: 410, type: "gone" });
    await opening.read();
    assert.equal(at(opening, "ready").lapsed, true);
    await opening.read();
    at(opening, "shown");
    assert.equal(new Set(server.reads().map((request) => request.headers.get("Idempotency-Key"))).size, 2);
  });

  test("during a hold the read is repeated with the same key", async () => {
    let pauses = 0;
    const here = await setUp("", 1, () => void (++pauses === 2 && (here.server.held = false)));
    const opening = here.open();
    await opening.start(here.link);
    here.server.held = true;
    await opening.read();
    at(opening, "shown");
    assert.equal(new Set(here.server.reads().map((request) => request.headers.get("Idempotency-Key"))).size, 1);
    assert.deepEqual(here.seen, ["looking", "ready", "reading", "reading", "held", "held", "shown"]);
  });

  test("a failed call during a hold keeps the screen of the hold", async () => {
    let pauses = 0;
    const here = await setUp("", 1, () => {
      here.server.held = ++pauses < 3;
      if (pauses < 3) {
        here.server.fates.push({ status: 503, type: "unavailable", after: 300 });
      }
    });
    const opening = here.open();
    await opening.start(here.link);
    here.server.held = true;
    await opening.read();
    at(opening, "shown");
    assert.deepEqual(here.seen.slice(-2), ["held", "shown"]);
    assert.ok(!here.seen.includes("trouble"));
  });

  test("nothing of a changed envelope is shown, and it is not acknowledged", async () => {
    const { server, link, open } = await setUp();
    server.corrupt();
    const opening = open();
    await opening.start(link);
    await opening.read();
    at(opening, "broken");
    await opening.seen();
    assert.equal(server.acked.size, 0);
  });
});

describe("a passphrase", () => {
  test("that the format does not allow is refused without a request", async () => {
    const { server, link, open } = await setUp("right");
    const opening = open();
    await opening.start(link);
    await opening.read("right\ud800");
    assert.deepEqual(at(opening, "ready").refused, { invalid: true });
    assert.equal(server.reads().length, 0);
    await opening.read("right");
    at(opening, "shown");
  });

  test("that is wrong takes no view and reports the tries left", async () => {
    const { server, link, open } = await setUp("open sesame");
    const opening = open();
    await opening.start(link);
    await opening.read("open simsim");
    assert.deepEqual(at(opening, "ready").refused, { tries: 9 });
    assert.equal(server.views, 1);
    await opening.read("open sesame");
    assert.equal(textIn(at(opening, "shown").secret.data), "hunter2");
    assert.equal(new Set(server.reads().map((request) => request.headers.get("Idempotency-Key"))).size, 1);
  });

  for (const [what, details, final] of [
    ["while an unlock is left can be unlocked", { reason: "passphrase", unlocks_left: 1 }, false],
    ["after the last unlock stays frozen", { reason: "passphrase", unlocks_left: 0 }, true],
    ["after the last unlock, but for use from many addresses, can be unlocked", { reason: "addresses", unlocks_left: 0 }, false],
  ] as const) {
    test(`of a secret that froze ${what}`, async () => {
      const { server, link, open } = await setUp("open sesame");
      const opening = open();
      await opening.start(link);
      server.frozen = details;
      await opening.read("open sesame");
      assert.deepEqual(at(opening, "frozen"), { screen: "frozen", reason: details.reason, final });
    });
  }

  test("that is missing sends nothing", async () => {
    const { server, link, open } = await setUp("open sesame");
    const opening = open();
    await opening.start(link);
    await opening.read();
    at(opening, "ready");
    assert.equal(server.reads().length, 0);
  });

  test("that is wrong for the last time freezes the secret, and after an unlock it can be opened", async () => {
    const { server, link, open } = await setUp("open sesame");
    server.tries = 1;
    const opening = open();
    await opening.start(link);
    await opening.read("open simsim");
    at(opening, "frozen");
    server.tries = 10;
    await opening.again();
    await opening.read("open sesame");
    at(opening, "shown");
  });
});

describe("leaving", () => {
  test("wipes the plaintext", async () => {
    const { link, open } = await setUp();
    const opening = open();
    await opening.start(link);
    await opening.read();
    const { data } = at(opening, "shown").secret;
    opening.drop();
    at(opening, "dropped");
    assert.ok(data.every((byte) => byte === 0));
  });

  test("ends a read, and shows nothing afterwards", async () => {
    const { link, open } = await setUp();
    const opening = open();
    await opening.start(link);
    const reading = opening.read();
    opening.drop();
    await reading;
    at(opening, "dropped");
  });

  test("keeps the screen of a secret that is gone", async () => {
    const { server, link, open } = await setUp();
    server.revoked = true;
    const opening = open();
    await opening.start(link);
    opening.drop();
    at(opening, "gone");
  });
});
