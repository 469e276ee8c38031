/** How hard a passphrase is to guess with the link and the sealed secret. */
export type Strength = "weak" | "fair" | "strong";

const common = /^(pass ?(word|wort|phrase)|qwert[yz]|azerty|letmein|welcome|secret|geheim|admin|abc|iloveyou|dragon|monkey|love)$/;
const word = 11; // bits: one of 2048 common words
const pools: readonly (readonly [form: RegExp, size: number])[] = [
  [/\p{Ll}/u, 26],
  [/\p{Lu}/u, 26],
  [/\p{Lo}/u, 1000],
  [/\p{N}/u, 10],
  [/[^\p{L}\p{N}]/u, 20],
];

/** Rates a passphrase. A guess takes 64 MiB and a few tenths of a second, which is worth about 20 bits. */
export function strengthOf(passphrase: string): Strength {
  const bits = bitsOf(passphrase);
  return bits < 30 ? "weak" : bits < 50 ? "fair" : "strong";
}

/** Estimates the bits to guess, by characters or by words, whichever is easier. */
export function bitsOf(passphrase: string): number {
  return Math.min(byCharacters(passphrase), byWords(passphrase));
}

function byCharacters(text: string): number {
  const pool = pools.reduce((sum, [form, size]) => (form.test(text) ? sum + size : sum), 0);
  return surprises(text) * Math.log2(Math.max(pool, 1));
}

/** Counts the characters. Those that repeat or continue the previous one count only a quarter. */
function surprises(text: string): number {
  const codes = [...text.toLowerCase()].map((character) => character.codePointAt(0) ?? 0);
  const fresh = codes.filter((code, i) => i === 0 || Math.abs(code - (codes[i - 1] ?? 0)) > 1).length;
  return Math.min(fresh + (codes.length - fresh) / 4, new Set(codes).size * 2);
}

function byWords(text: string): number {
  const parts = text.match(/\p{Lu}?\p{Ll}+|\p{Lu}+|\p{L}+|\p{N}+|[^\p{L}\p{N}\s]+/gu) ?? [];
  const distinct = [...new Set(parts.map((part) => part.toLowerCase()))];
  return distinct.reduce((sum, part) => sum + bitsOfPart(part), 0);
}

function bitsOfPart(part: string): number {
  if (common.test(part)) {
    return 3;
  }
  if (/^\p{N}/u.test(part)) {
    return Math.min(surprises(part) * Math.log2(10), /^(19|20)\p{N}{2}$/u.test(part) ? 7 : Infinity);
  }
  // A short run of letters is probably a word, a long one is not.
  return /^\p{L}/u.test(part) ? Math.min(byCharacters(part), Math.max(word, (part.length - 6) * 3)) : byCharacters(part);
}
