/**
 * Seals and opens envelopes in memory, as specified in docs/envelope.md. The server receives the
 * sealed envelope, never the content or a key that decrypts it.
 */
import { type Bytes, concat, equal, random, wipe } from "./bytes.js";
import { decrypt, encrypt, saltSize } from "./chunked.js";
import { type Meta, packContent, unpackContent } from "./content.js";
import { check } from "./errors.js";
import { formatHeader, type Header, headerSize, parseHeader } from "./header.js";
import type { Keys } from "./keys.js";

/** How often and until when a secret may be read. The terms are not encrypted. */
export type Terms = Pick<Header, "views" | "expires">;

/** The authenticated content of an envelope. */
export interface Opened {
  readonly header: Header;
  readonly meta: Meta;
  /** The caller must wipe it. */
  readonly data: Bytes;
}

/**
 * Seals data in an envelope. The salt, 24 bytes, is random except in tests of the format.
 * Throws header-… or meta.
 */
export async function seal(
  keys: Keys,
  terms: Terms,
  meta: Meta,
  data: Bytes,
  salt: Bytes = random(saltSize),
): Promise<Bytes> {
  const { views, expires } = terms;
  const header = formatHeader({ passphrase: keys.passphrase, views, expires, id: keys.id });
  const plain = packContent(meta, data);
  try {
    return concat(header, ...(await encrypt(keys.enc, header, salt, plain)));
  } finally {
    wipe(plain);
  }
}

/**
 * Opens an envelope. Throws header-… (header-id: it belongs to another link), commitment (the
 * passphrase is wrong or the header was changed), truncated, chunk, content or padding.
 */
export async function open(keys: Keys, envelope: Bytes): Promise<Opened> {
  const header = parseHeader(envelope);
  check(equal(header.id, keys.id), "header-id");
  const context = envelope.subarray(0, headerSize);
  const plain = await decrypt(keys.enc, context, envelope.subarray(headerSize));
  try {
    return { header, ...unpackContent(plain) };
  } finally {
    wipe(plain);
  }
}
