/**
 * Seals and opens envelopes, as docs/envelope.md has them, in memory. It is the whole of the
 * format for a page: the server is never given what is in a secret, nor the means to find out.
 */
import { type Bytes, concat, equal, random, wipe } from "./bytes.js";
import { decrypt, encrypt, saltSize } from "./chunked.js";
import { type Meta, packContent, unpackContent } from "./content.js";
import { check } from "./errors.js";
import { formatHeader, type Header, headerSize, parseHeader } from "./header.js";
import type { Keys } from "./keys.js";

/** The terms under which a secret may be read; everyone can see them. */
export type Terms = Pick<Header, "views" | "expires">;

/** What an envelope holds, every byte of it authenticated. */
export interface Opened {
  readonly header: Header;
  readonly meta: Meta;
  /** To be wiped by the caller. */
  readonly data: Bytes;
}

/**
 * Returns the envelope of data. The salt, 24 bytes, is random but in tests of the format.
 * Throws header-…, meta.
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
 * Opens an envelope. Throws, and returns nothing of it, header-… (header-id: it is another
 * link's), commitment (the passphrase is wrong or the header was changed), truncated, chunk,
 * content, padding.
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
