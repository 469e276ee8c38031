/** Bytes in unshared memory: WebCrypto does not accept a SharedArrayBuffer. */
export type Bytes = Uint8Array<ArrayBuffer>;

const encoder = new TextEncoder();

/** Encodes text as UTF-8. */
export function utf8(text: string): Bytes {
  return encoder.encode(text);
}

/** Decodes UTF-8. A byte order mark is part of the text. Throws TypeError when the bytes are not valid. */
export function fromUtf8(bytes: Uint8Array): string {
  return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
}

/** Replaces lone surrogates by U+FFFD. */
export function wellFormed(text: string): string {
  return text.replace(/\p{Surrogate}/gu, "\ufffd");
}

/** Concatenates the parts in new memory. */
export function concat(...parts: readonly Bytes[]): Bytes {
  const all = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** Encodes n, 0 to 2^32 - 1, as 4 bytes, big-endian. */
export function u32(n: number): Bytes {
  const bytes = new Uint8Array(4);
  view(bytes).setUint32(0, n);
  return bytes;
}

/** Encodes n, 0 to 2^53 - 1, as 8 bytes, big-endian. */
export function u64(n: number): Bytes {
  const bytes = new Uint8Array(8);
  view(bytes).setBigUint64(0, BigInt(n));
  return bytes;
}

export function view(bytes: Bytes): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Compares in time that depends only on the lengths. */
export function equal(a: Bytes, b: Bytes): boolean {
  let difference = a.length ^ b.length;
  for (let i = 0; i < a.length; i++) {
    difference |= (a[i] ?? 0) ^ (b[i] ?? 0);
  }
  return difference === 0;
}

/** Returns size bytes, at most 65536, from the platform's cryptographic random number generator. */
export function random(size: number): Bytes {
  return crypto.getRandomValues(new Uint8Array(size));
}

/**
 * Overwrites secrets with zeros. Copies may remain: JavaScript strings cannot be wiped, and the
 * garbage collector may have moved an object.
 */
export function wipe(...secrets: readonly Bytes[]): void {
  for (const secret of secrets) {
    secret.fill(0);
  }
}
