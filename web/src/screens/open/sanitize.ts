/** Makes what a stranger wrote safe to look at: nothing in it hides, or turns its neighbours around. */

/**
 * Controls and format characters. Line feeds and tabs, joiners and the marks of direction
 * that ordinary Arabic, Hebrew and emoji need stay: alone they reorder nothing else.
 */
const tricky = /(?![\n\t\u200c-\u200f\u061c])[\p{Cc}\p{Cf}\p{Co}\p{Cn}\p{Zl}\p{Zp}]/gu;

/** Shows tricky characters as escapes such as \u202e, and says how many there were. */
export function harmless(text: string): { text: string; replaced: number } {
  let replaced = 0;
  const safe = text.replaceAll("\r\n", "\n").replace(tricky, (character) => {
    replaced++;
    return escaped(character);
  });
  return { text: safe, replaced };
}

function escaped(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  return code < 0x10000 ? `\\u${code.toString(16).padStart(4, "0")}` : `\\u{${code.toString(16)}}`;
}

/** Returns the text of UTF-8 bytes, undefined when they are none. */
export function textOf(data: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(data);
  } catch {
    return undefined;
  }
}

/**
 * Cuts a text into pieces of whole lines, and of lines that are longer than a piece into
 * parts, so that a browser lays out only those in sight. Size is in UTF-16 units.
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
