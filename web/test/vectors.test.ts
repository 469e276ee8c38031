import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { after, describe, test } from "node:test";
import type { Bytes } from "../src/bytes.js";
import { open, seal } from "../src/envelope.js";
import { EnvelopeError } from "../src/errors.js";
import { formatHeader, parseHeader } from "../src/header.js";
import { stretch } from "../src/argon2.js";
import { deriveKeys, type Keys } from "../src/keys.js";
import { formatId, formatLink, formatManageLink, parseLink, parseManageLink } from "../src/link.js";
import { isEnvelopeSize, padme } from "../src/padme.js";
import { dataOf, edited, type EnvelopeVector, hex, type LinkVector, unhex, vectors } from "./vectors.js";

const derived = new Map<string, Promise<Keys>>();
let run = 0;

/** Runs a vector: without a slug all must go well, with one it must throw that. */
function vector(name: string, slug: string | undefined, act: () => Promise<void>): void {
  test(name, async () => {
    run++;
    const isThat = (error: unknown): boolean => error instanceof EnvelopeError && error.slug === slug;
    await (slug === undefined ? act() : assert.rejects(act, isThat));
  });
}

describe("links come out as sent, or with the fault named", () => {
  for (const v of vectors.links) {
    vector(v.name, v.error, () => (v.kind === "read" ? readLink(v) : readManageLink(v)));
  }
});

async function readLink(v: LinkVector): Promise<void> {
  const link = await parseLink(v.input);
  assert.deepEqual([link.origin, hex(link.key), link.slot], [v.origin, v.key, v.slot]);
  assert.equal(await formatLink(link), v.link);
}

async function readManageLink(v: LinkVector): Promise<void> {
  const link = await parseManageLink(v.input);
  assert.deepEqual([link.origin, hex(link.id), hex(link.manage)], [v.origin, v.id, v.manage]);
  assert.equal(await formatManageLink(link), v.link);
}

describe("a link and a passphrase give the keys", () => {
  for (const v of vectors.keys) {
    vector(v.name, undefined, async () => {
      const { id, access, claim, enc } = await keysOf(v);
      assert.deepEqual([id, access, claim, enc].map(hex), [v.id, v.access, v.claim, v.enc]);
      assert.equal(formatId(id), v.id_text);
    });
  }
});

describe("lengths are padded, and others are none", () => {
  for (const v of vectors.padme) {
    vector(`padmé ${v.size}`, undefined, async () => assert.equal(padme(v.size), v.padded));
  }
  for (const v of vectors.sizes) {
    vector(`size ${v.size}`, undefined, async () => assert.equal(isEnvelopeSize(v.size), v.error === undefined));
  }
});

describe("headers are read and written, or the first wrong field named", () => {
  for (const v of vectors.headers) {
    vector(v.name, v.error, async () => {
      const { passphrase, views, expires, id } = parseHeader(unhex(v.header));
      assert.deepEqual([passphrase, views, expires, hex(id)], [v.passphrase, v.views, v.expires, v.id]);
      assert.equal(hex(formatHeader({ passphrase, views, expires, id })), v.header);
    });
  }
});

describe("envelopes are sealed to the byte, and opened whole or not at all", async () => {
  const envelopes = await makeEnvelopes();
  for (const v of vectors.envelopes) {
    const envelope = envelopes.get(v.name)!;
    test(`${v.name}: the envelope is the vector's`, () => {
      const sum = createHash("sha256").update(envelope).digest("hex");
      assert.deepEqual([envelope.length, sum], [v.size || envelope.length, v.sha256]);
    });
    vector(v.name, v.error, async () => {
      const { header, meta, data } = await open(await keysOf(v), envelope);
      assert.deepEqual([header.views, header.expires, meta], [v.views, v.expires, v.meta]);
      assert.ok(Buffer.from(data).equals(dataOf(v.data)), "data");
    });
  }
});

/** Makes every envelope by its name: those of others come after the others. */
async function makeEnvelopes(): Promise<Map<string, Bytes>> {
  const made = new Map<string, Bytes>();
  const whole = (name: string): Bytes => made.get(name)!;
  for (const v of vectors.envelopes) {
    made.set(v.name, v.of === undefined ? await source(v) : whole(v.of));
  }
  const changed = vectors.envelopes.filter((v) => v.edits !== undefined);
  const edits = changed.map((v): [string, Bytes] => [
    v.name,
    v.edits!.reduce((bytes, edit) => edited(bytes, edit, whole), whole(v.of!)),
  ]);
  return new Map([...made, ...edits]);
}

async function source(v: EnvelopeVector): Promise<Bytes> {
  if (v.salt === undefined) {
    return unhex(v.envelope!);
  }
  const sealed = await seal(await keysOf(v), v, v.meta, dataOf(v.data), unhex(v.salt));
  assert.equal(v.envelope ?? hex(sealed), hex(sealed), v.name);
  return sealed;
}

/** Derives the keys of a reader once: Argon2id is slow. */
function keysOf(v: { key: string; slot: number; passphrase: string }): Promise<Keys> {
  const name = JSON.stringify([v.key, v.slot, v.passphrase]);
  const keys = derived.get(name) ?? deriveKeys({ origin: "", key: unhex(v.key), slot: v.slot }, v.passphrase, stretch);
  derived.set(name, keys);
  return keys;
}

after(() => {
  const { links, keys, padme: lengths, sizes, headers, envelopes } = vectors;
  const all = [links, keys, lengths, sizes, headers, envelopes].reduce((sum, list) => sum + list.length, 0);
  assert.equal(run, all, "vectors that were run");
});
