/** Makes an untrusted text safe to show: no invisible characters, and none that reorder others. */

import { fromUtf8 } from "../../format/bytes.js";

/**
 * Control and format characters, except line feeds, tabs, joiners and the directional marks that
 * ordinary Arabic, Hebrew and emoji need: those do not reorder other text.
 */
const unsafe = /(?![\n\t\u200c-\u200f\u061c])[\p{Cc}\p{Cf}\p{Co}\p{Cn}\p{Zl}\p{Zp}]/gu;

/** Replaces unsafe characters with escapes such as \u202e. Returns their number, too. */
export function sanitize(text: string): { text: string; replaced: number } {
  let replaced = 0;
  const safe = text.replaceAll("\r\n", "\n").replace(unsafe, (character) => {
    replaced++;
    return escaped(character);
  });
  return { text: safe, replaced };
}

function escaped(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  return code < 0x10000 ? `\\u${code.toString(16).padStart(4, "0")}` : `\\u{${code.toString(16)}}`;
}

/** Decodes UTF-8. Returns undefined when the bytes are not valid. */
export function textOf(data: Uint8Array): string | undefined {
  try {
    return fromUtf8(data);
  } catch {
    return undefined;
  }
}

/**
 * Splits a text into pieces at line ends, and longer lines anywhere, so that a browser lays out
 * only the pieces in view. Size is in UTF-16 units.
 */
export function pieces(text: string, size = 4096): readonly string[] {
  const all: string[] = [];
  for (let at = 0; at < text.length;) {
    const end = endOfPiece(text, at, size);
    all.push(text.slice(at, end));
    at = end;
  }
  return all;
}

function endOfPiece(text: string, at: number, size: number): number {
  if (text.length - at <= size) {
    return text.length;
  }
  const feed = text.slice(at, at + size).lastIndexOf("\n");
  if (feed > 0) {
    return at + feed + 1;
  }
  const low = text.charCodeAt(at + size);
  return low >= 0xdc00 && low < 0xe000 ? at + size - 1 : at + size; // not between two surrogates
}
