import { type Bytes, utf8 } from "./bytes.js";
import { check } from "./errors.js";
import { assigned } from "./assigned.js";

/** The longest passphrase in bytes of UTF-8, as it is typed. */
const longest = 1024;

/** The most characters in a row that combine with the one before them. Go's NFC separates longer runs. */
const longestRun = 30;

/** Marks, and the vowels and final consonants of decomposed Hangul. */
const combining = new RegExp(`[\\p{M}\\u1160-\\u11ff\\ud7b0-\\ud7ff]{${longestRun + 1}}`, "u");

/**
 * Returns the bytes of a passphrase for Argon2id: NFC in UTF-8. Throws passphrase when the text
 * is not valid Unicode or too long, when Unicode 15.0 or this browser does not assign one of its code points,
 * or when its NFKD has more than 30 combining characters in a row. The NFC of all other texts is
 * the same in every version of Unicode from 15.0 on.
 */
export function passphraseBytes(passphrase: string): Bytes {
  check(!/[\p{Surrogate}\p{Unassigned}]/u.test(passphrase), "passphrase");
  check(utf8(passphrase).length <= longest, "passphrase");
  check([...passphrase].every((character) => isAssigned(character.codePointAt(0) ?? 0)), "passphrase");
  check(!combining.test(passphrase.normalize("NFKD")), "passphrase");
  return utf8(passphrase.normalize("NFC"));
}

/** The first code points of ranges that are assigned, unassigned, assigned and so on, from 0. */
const starts = startsOf(assigned);

function isAssigned(code: number): boolean {
  let [below, above] = [0, starts.length];
  while (above - below > 1) {
    const middle = (below + above) >> 1;
    if ((starts[middle] ?? Infinity) <= code) {
      below = middle;
    } else {
      above = middle;
    }
  }
  return below % 2 === 0;
}

/** Sums up the lengths of the ranges, which are written in base 36. */
function startsOf(lengths: string): readonly number[] {
  let start = 0;
  return [0, ...lengths.split(" ").map((length) => (start += parseInt(length, 36)))];
}
