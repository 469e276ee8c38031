import { random, view } from "../../format/bytes.js";

const classes = ["abcdefghijkmnpqrstuvwxyz", "ABCDEFGHJKLMNPQRSTUVWXYZ", "23456789", "!#%+-=?@_"]; // without characters that look alike
const passwordLength = 20; // of 65 characters: 120 bits
const wordCount = 6; // of 2048 words: 66 bits

/** Returns a random integer from 0 to n - 1, all with the same probability. */
export type Dice = (n: number) => number;

/** Uses the platform's random number generator, and rejects values that would favour small numbers. */
export const dice: Dice = (n) => {
  const even = 2 ** 32 - (2 ** 32 % n);
  for (;;) {
    const roll = view(random(4)).getUint32(0);
    if (roll < even) {
      return roll % n;
    }
  }
};

/** Returns a password of 20 characters with letters, digits and signs, as most sites require. */
export function newPassword(roll: Dice = dice): string {
  const alphabet = classes.join("");
  for (;;) {
    const characters = Array.from({ length: passwordLength }, () => alphabet.charAt(roll(alphabet.length)));
    if (classes.every((each) => characters.some((character) => each.includes(character)))) {
      return characters.join("");
    }
  }
}

/** Returns a passphrase of six words, which can be dictated. */
export async function newWords(roll: Dice = dice): Promise<string> {
  const { wordlist } = await import("@scure/bip39/wordlists/english.js");
  return Array.from({ length: wordCount }, () => wordlist[roll(wordlist.length)]).join(" ");
}
