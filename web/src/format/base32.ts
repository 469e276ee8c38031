import type { Bytes } from "./bytes.js";

/** The alphabet of Crockford's base32, in lower case. */
export const alphabet = "0123456789abcdefghjkmnpqrstvwxyz";

/** Encodes bytes as base32 without padding characters. The unused bits of the last character are zero. */
export function encode(bytes: Bytes): string {
  let text = "";
  let bits = 0;
  let pending = 0; // bits not yet written, at most 4 between two bytes
  for (const byte of bytes) {
    bits = (bits << 8) | byte;
    pending += 8;
    for (; pending >= 5; pending -= 5) {
      text += alphabet.charAt((bits >> (pending - 5)) & 31);
    }
    bits &= (1 << pending) - 1;
  }
  return pending > 0 ? text + alphabet.charAt((bits << (5 - pending)) & 31) : text;
}

/** Decodes text, whose characters must all be in the alphabet, to whole bytes and the bits left over. */
export function decode(text: string): { bytes: Bytes; spare: number } {
  const bytes = new Uint8Array(Math.floor((text.length * 5) / 8));
  let bits = 0;
  let pending = 0;
  let at = 0;
  for (const character of text) {
    bits = (bits << 5) | alphabet.indexOf(character);
    pending += 5;
    if (pending >= 8) {
      pending -= 8;
      bytes[at++] = bits >> pending;
      bits &= (1 << pending) - 1;
    }
  }
  return { bytes, spare: bits };
}
