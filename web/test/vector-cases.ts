/** The test cases of the vectors, for Node and for browsers. */
import type { Bytes } from "../src/format/bytes.js";
import { open, seal } from "../src/format/envelope.js";
import { EnvelopeError } from "../src/format/errors.js";
import { formatHeader, parseHeader } from "../src/format/header.js";
import { deriveKeys, type Keys } from "../src/format/keys.js";
import { formatId, formatLink, formatManageLink, parseLink, parseManageLink } from "../src/format/link.js";
import { isEnvelopeSize, padme } from "../src/format/padding.js";
import { safeName } from "../src/screens/open/file-name.js";
import type { Argon2 } from "../src/format/argon2.js";
import { dataOf, edited, type EnvelopeVector, hex, type LinkVector, unhex, type Vectors } from "./vectors.js";

/** A test case. Run rejects when it fails. */
export interface Case {
  readonly name: string;
  run(): Promise<void>;
}

interface Reader {
  readonly key: string;
  readonly slot: number;
  readonly passphrase: string;
}

/** Returns a case for each vector, and another for the bytes of each envelope. */
export async function casesOf(vectors: Vectors, argon2: Argon2): Promise<readonly Case[]> {
  const keysOf = keyring(argon2);
  return [
    ...vectors.links.map((v) => vector(v.name, v.error, () => (v.kind === "read" ? readLink(v) : readManageLink(v)))),
    ...vectors.names.map(({ name, safe }) =>
      vector(`the name ${JSON.stringify(name)}`, undefined, async () => same([safeName(name), safeName(safe)], [safe, safe])),
    ),
    ...vectors.keys.map((v) =>
      vector(v.name, v.error, async () => {
        const { id, access, claim, enc } = await keysOf(v);
        same([...[id, access, claim, enc].map(hex), formatId(id)], [v.id, v.access, v.claim, v.enc, v.id_text]);
      }),
    ),
    ...vectors.padme.map((v) => vector(`padmé ${v.size}`, undefined, async () => same(padme(v.size), v.padded))),
    ...vectors.sizes.map((v) => vector(`size ${v.size}`, undefined, async () => same(isEnvelopeSize(v.size), v.error === undefined))),
    ...vectors.headers.map((v) =>
      vector(v.name, v.error, async () => {
        const { passphrase, views, expires, id } = parseHeader(unhex(v.header));
        same([passphrase, views, expires, hex(id)], [v.passphrase, v.views, v.expires, v.id]);
        same(hex(formatHeader({ passphrase, views, expires, id })), v.header);
      }),
    ),
    ...(await envelopeCases(vectors.envelopes, keysOf)),
  ];
}

/** Returns a case that must reject with the slug, or succeed without one. */
function vector(name: string, slug: string | undefined, run: () => Promise<void>): Case {
  return {
    name,
    async run() {
      const error = await run().then(
        () => undefined,
        (thrown: unknown) => thrown,
      );
      if (slug === undefined && error !== undefined) {
        throw error;
      }
      same(error instanceof EnvelopeError ? error.slug : error, slug);
    },
  };
}

/** Throws unless both have the same JSON. */
function same(got: unknown, want: unknown): void {
  if (JSON.stringify(got) !== JSON.stringify(want)) {
    throw new Error(`got ${JSON.stringify(got)}, want ${JSON.stringify(want)}`);
  }
}

async function readLink(v: LinkVector): Promise<void> {
  const link = await parseLink(v.input);
  same([link.origin, hex(link.key), link.slot], [v.origin, v.key, v.slot]);
  same(await formatLink(link), v.link);
}

async function readManageLink(v: LinkVector): Promise<void> {
  const link = await parseManageLink(v.input);
  same([link.origin, hex(link.id), hex(link.manage)], [v.origin, v.id, v.manage]);
  same(await formatManageLink(link), v.link);
}

async function envelopeCases(all: readonly EnvelopeVector[], keysOf: (v: Reader) => Promise<Keys>): Promise<readonly Case[]> {
  const envelopes = await makeEnvelopes(all, keysOf);
  return all.flatMap((v) => {
    const envelope = found(envelopes, v.name);
    return [
      vector(`${v.name}: the envelope is the vector's`, undefined, async () => {
        const sum = new Uint8Array(await crypto.subtle.digest("SHA-256", envelope));
        same([envelope.length, hex(sum)], [v.size || envelope.length, v.sha256]);
      }),
      vector(v.name, v.error, async () => {
        const { header, meta, data } = await open(await keysOf(v), envelope);
        same([header.views, header.expires, meta, hex(data)], [v.views, v.expires, v.meta, hex(dataOf(v.data))]);
      }),
    ];
  });
}

/** Returns all envelopes by name. Those derived from others come last in the list. */
async function makeEnvelopes(all: readonly EnvelopeVector[], keysOf: (v: Reader) => Promise<Keys>): Promise<Map<string, Bytes>> {
  const made = new Map<string, Bytes>();
  for (const v of all) {
    made.set(v.name, v.of === undefined ? await source(v, keysOf) : found(made, v.of));
  }
  const edits = all.flatMap(({ name, of, edits }): [string, Bytes][] =>
    edits && of !== undefined
      ? [[name, edits.reduce((bytes, edit) => edited(bytes, edit, (other) => found(made, other)), found(made, of))]]
      : [],
  );
  return new Map([...made, ...edits]);
}

async function source(v: EnvelopeVector, keysOf: (v: Reader) => Promise<Keys>): Promise<Bytes> {
  if (v.salt === undefined) {
    return unhex(v.envelope ?? "");
  }
  const sealed = await seal(await keysOf(v), v, v.meta, dataOf(v.data), unhex(v.salt));
  same(hex(sealed), v.envelope ?? hex(sealed));
  return sealed;
}

function found(made: Map<string, Bytes>, name: string): Bytes {
  const bytes = made.get(name);
  if (bytes === undefined) {
    throw new Error(`no envelope ${name}`);
  }
  return bytes;
}

/** Derives the keys of each reader only once, because Argon2id is slow. */
function keyring(argon2: Argon2): (v: Reader) => Promise<Keys> {
  const derived = new Map<string, Promise<Keys>>();
  return ({ key, slot, passphrase }) => {
    const name = JSON.stringify([key, slot, passphrase]);
    const keys = derived.get(name) ?? deriveKeys({ origin: "", key: unhex(key), slot }, passphrase, argon2);
    derived.set(name, keys);
    return keys;
  };
}
