import assert from "node:assert/strict";
import { test } from "node:test";
import { ApiError } from "../src/api/index.js";
import { argon2 } from "../src/format/argon2.js";
import { utf8 } from "../src/format/bytes.js";
import { among, lifetimesOf, termsOf, usual, viewsOf } from "../src/screens/create/choices.js";
import { dataOf, metaOf, room, sizeOf, Unreadable } from "../src/screens/create/content.js";
import { check, excess, type Form } from "../src/screens/create/form.js";
import { mayBeAccepted, NotLoaded, refusalOf } from "../src/screens/create/refusal.js";
import { sealOrder } from "../src/screens/create/sealing.js";
import { open } from "../src/format/envelope.js";
import { EnvelopeError } from "../src/format/errors.js";
import { deriveKeys } from "../src/format/keys.js";
import { parseLink, parseManageLink } from "../src/format/link.js";
import { packContent } from "../src/format/content.js";
import { envelopeSize, isEnvelopeSize, padme } from "../src/format/padding.js";
import { t } from "../src/i18n/index.js";
import { NoWorker } from "../src/worker/task.js";

const config = {
  ...usual,
  max_envelope: 921600,
  require_passphrase: false,
  create: "anyone" as const,
  now: 1_800_000_000,
  version: "test",
};
const empty: Form = { text: "", passphrase: "", key: "", rememberKey: false };

test("content of the maximum size fits into the envelope, and one byte more does not", () => {
  for (const limit of [921600, 65536, 16384, 1000, 380]) {
    const most = room(limit, { type: "text" });
    const sealed = (size: number): number => envelopeSize(packContent({ type: "text" }, new Uint8Array(size)).length);
    assert.ok(sealed(most) <= limit && isEnvelopeSize(sealed(most)), `${most} of ${limit}`);
    assert.ok(sealed(most + 1) > limit, `${most + 1} of ${limit}`);
  }
});

test("an envelope that is too small has no room", () => {
  assert.equal(room(300, { type: "text" }), 0);
});

test("every size of an envelope is one that the server accepts", () => {
  for (const size of [0, 255, 256, 257, 16383, 16384, 16385, 900000]) {
    assert.ok(isEnvelopeSize(envelopeSize(padme(size))), String(size));
  }
});

test("the choices are the limits of the server and the usual values between them", () => {
  assert.deepEqual(lifetimesOf({ min_ttl: 60, default_ttl: 7000, max_ttl: 7200, max_views: 1 }), [60, 300, 900, 3600, 7000, 7200]);
  assert.deepEqual(viewsOf({ ...usual, max_views: 4 }), [1, 2, 3, 4]);
  assert.deepEqual(viewsOf({ ...usual, max_views: 1 }), [1]);
});

test("a choice that the server does not offer becomes the default", () => {
  assert.equal(among([1, 2], 2, 1), 2);
  assert.equal(among([1, 2], 3, 1), 1);
  assert.equal(among([1, 2], undefined, 1), 1);
});

test("a choice made before the limits were known is replaced by one within them", () => {
  const limits = { min_ttl: 300, default_ttl: 3600, max_ttl: 7200, max_views: 2 };
  assert.deepEqual(termsOf({ ttl: 900, views: 2 }, limits), { ttl: 900, views: 2 });
  assert.deepEqual(termsOf({ ttl: 86400, views: 100 }, limits), { ttl: 3600, views: 1 });
  assert.deepEqual(termsOf({}, limits), { ttl: 3600, views: 1 });
});

test("a form that the server would refuse is not sealed", () => {
  const text = { ...empty, text: "x" };
  assert.equal(check(empty, config)?.field, "content");
  assert.equal(check({ ...empty, text: "ä".repeat(460000) }, config)?.field, "content");
  assert.equal(check(text, { ...config, require_passphrase: true })?.field, "passphrase");
  for (const key of ["", "a b", "schlüssel"]) {
    assert.equal(check({ ...text, key }, { ...config, create: "key" })?.field, "key");
  }
  assert.equal(check(text, config), undefined);
  assert.equal(check({ ...text, key: "k-1" }, { ...config, create: "key" }), undefined);
});

test("the name of a file counts towards the limit", () => {
  const file = (name: string, size: number): File => new File([new Uint8Array(size)], name);
  const most = room(config.max_envelope, metaOf({ text: "", file: file("a", 0) }));
  assert.equal(excess({ text: "", file: file("a", most) }, config), undefined);
  assert.equal(excess({ text: "", file: file("a".repeat(250), most) }, config)?.field, "content");
});

test("names and types of files are cut and corrected so that they can be sealed", async () => {
  const meta = metaOf({ text: "", file: new File(["x"], `${"ä".repeat(300)}\ud800.txt`, { type: "text/plain;charset=utf-8" }) });
  assert.equal(meta.name?.length, 255);
  assert.ok(meta.name?.endsWith("\ufffd.txt"));
  assert.equal(meta.media, undefined);
  packContent(meta, utf8("x"));
  assert.deepEqual(metaOf({ text: "", file: new File(["x"], "", { type: "image/png" }) }), { type: "file", media: "image/png" });
});

test("a file is sent instead of the text", async () => {
  const content = { text: "text", file: new File(["file"], "f") };
  assert.deepEqual(await dataOf(content), utf8("file"));
  assert.equal(sizeOf(content), 4);
  assert.equal(sizeOf({ text: "ä" }), 2);
});

test("a file that cannot be read is reported", async () => {
  const file = new File([], "folder");
  file.arrayBuffer = () => Promise.reject(new DOMException("gone", "NotReadableError"));
  await assert.rejects(dataOf({ text: "", file }), Unreadable);
});

for (const passphrase of ["", "correct horse"]) {
  test(`a secret sealed ${passphrase ? "with" : "without"} a passphrase opens with its link`, async () => {
    const data = utf8("hunter2");
    const order = { meta: { type: "text" } as const, data, ttl: 3600, views: 2, passphrase };
    const { draft, made } = await sealOrder(order, "https://secrets.example", 1_800_000_000.7, argon2);
    assert.ok(data.every((byte) => byte === 0), "the data is wiped");
    assert.equal(made.expires, 1_800_003_600);
    const keys = await deriveKeys(await parseLink(made.link), passphrase, argon2);
    const opened = await open(keys, draft.envelope);
    assert.deepEqual([...opened.data], [...utf8("hunter2")]);
    assert.deepEqual([opened.header.views, opened.header.expires], [2, made.expires]);
    const manage = await parseManageLink(made.manageLink);
    assert.deepEqual(manage.id, keys.id);
    for (const [proof, hash] of [
      [keys.access, draft.access_hash],
      [keys.claim, draft.claim_hash],
      [manage.manage, draft.manage_hash],
    ] as const) {
      assert.deepEqual(new Uint8Array(await crypto.subtle.digest("SHA-256", proof)), hash);
    }
  });
}

test("every error leads to a field or a text", () => {
  const denied = new ApiError("unauthorized", 401);
  assert.equal(refusalOf(denied, "key").field, "key");
  assert.equal(refusalOf(denied, "entra").signIn, true);
  assert.equal(refusalOf(new ApiError("bad-answer", 401), "entra").signIn, true);
  assert.equal(refusalOf(new NoWorker(), "anyone").field, "passphrase");
  assert.equal(refusalOf(new EnvelopeError("passphrase"), "anyone").text, t("create.passphrase_invalid"));
  assert.equal(refusalOf(new Unreadable(), "anyone").field, "content");
  for (const error of [new NotLoaded(), new Error("x"), new ApiError("offline"), denied]) {
    assert.ok(refusalOf(error, undefined).text.length > 10);
  }
});

test("a draft that may have arrived is sent again unchanged, a refused one is not", () => {
  for (const problem of ["offline", "unreachable", "timeout", "unavailable", "rate-limited", "full"] as const) {
    assert.ok(mayBeAccepted(new ApiError(problem)), problem);
  }
  for (const problem of ["invalid", "conflict", "too-large"] as const) {
    assert.ok(!mayBeAccepted(new ApiError(problem)), problem);
  }
});
