import type { Bytes } from "./bytes.js";

/** Crockford's alphabet, in lower case. */
export const alphabet = "0123456789abcdefghjkmnpqrstvwxyz";

/** Returns bytes as base32, without padding characters; zeros fill the last group. */
export function encode(bytes: Bytes): string {
  let text = "";
  let bits = 0;
  let held = 0; // bits that wait, at most 4 between two bytes
  for (const byte of bytes) {
    bits = (bits << 8) | byte;
    held += 8;
    for (; held >= 5; held -= 5) {
      text += alphabet.charAt((bits >> (held - 5)) & 31);
    }
    bits &= (1 << held) - 1;
  }
  return held > 0 ? text + alphabet.charAt((bits << (5 - held)) & 31) : text;
}

/** Returns the whole bytes of text, of which every character is of the alphabet, and its spare bits. */
export function decode(text: string): { bytes: Bytes; spare: number } {
  const bytes = new Uint8Array(Math.floor((text.length * 5) / 8));
  let bits = 0;
  let held = 0;
  let at = 0;
  for (const character of text) {
    bits = (bits << 5) | alphabet.indexOf(character);
    held += 5;
    if (held >= 8) {
      held -= 8;
      bytes[at++] = bits >> held;
      bits &= (1 << held) - 1;
    }
  }
  return { bytes, spare: bits };
}
