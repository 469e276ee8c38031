import assert from "node:assert/strict";
import { test } from "node:test";
import { fromUtf8 } from "../src/format/bytes.js";
import { EnvelopeError } from "../src/format/errors.js";
import { passphraseBytes } from "../src/format/passphrase.js";

const accent = "\u0300";

for (const [what, text] of [
  ["a lone surrogate", "a\ud800"],
  ["a letter newer than Unicode 15.0", "\u0897"],
  ["a letter that a newer Unicode composes", "\u{105d2}\u0307"],
  ["a code point that no version assigns", "\ufffe"],
  ["the last code point", "\u{10ffff}"],
  ["31 accents in a row", `a${accent.repeat(31)}`],
  ["31 accents in a row, two of them in one letter", `\u1e14${accent.repeat(29)}`],
  ["31 marks in a row, two of them in a presentation form", `\ufc5e${"\u064b".repeat(29)}`],
  ["31 Hangul vowels in a row", `\u1100${"\u1161".repeat(31)}`],
] as const) {
  test(`a passphrase with ${what} is refused`, () => {
    assert.throws(() => passphraseBytes(text), new EnvelopeError("passphrase"));
  });
}

for (const [what, text, want] of [
  ["letters and spaces", " Tülips ", " Tülips "],
  ["a decomposed letter", "e\u0301", "\u00e9"],
  ["the newest script of Unicode 15.0", "\u{11f00}", "\u{11f00}"],
  ["a private character and the first assigned ones", "\u0000\ue000", "\u0000\ue000"],
  ["30 accents in a row, twice", `b${accent.repeat(30)}b${accent.repeat(30)}`, `b${accent.repeat(30)}b${accent.repeat(30)}`],
  ["a byte order mark", "\ufeffx", "\ufeffx"],
  ["decomposed Hangul", "\u1112\u1161\u11ab", "\ud55c"],
] as const) {
  test(`a passphrase with ${what} is normalized to NFC`, () => {
    assert.equal(fromUtf8(passphraseBytes(text)), want);
  });
}
