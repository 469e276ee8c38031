import { random, view } from "../../format/bytes.js";

const classes = ["abcdefghijkmnpqrstuvwxyz", "ABCDEFGHJKLMNPQRSTUVWXYZ", "23456789", "!#%+-=?@_"]; // none that look alike
const passwordLength = 20; // of 65 characters: 120 bits
const wordCount = 6; // of 2048 words: 66 bits

/** Gives random whole numbers from 0 to n - 1, each as likely as the others. */
export type Dice = (n: number) => number;

/** Rolls by the platform's generator; what would favour small numbers is rolled again. */
export const dice: Dice = (n) => {
  const even = 2 ** 32 - (2 ** 32 % n);
  for (;;) {
    const roll = view(random(4)).getUint32(0);
    if (roll < even) {
      return roll % n;
    }
  }
};

/** Makes a password of 20 characters, with letters, digits and signs: what most sites ask for. */
export function newPassword(roll: Dice = dice): string {
  const alphabet = classes.join("");
  for (;;) {
    const characters = Array.from({ length: passwordLength }, () => alphabet.charAt(roll(alphabet.length)));
    if (classes.every((each) => characters.some((character) => each.includes(character)))) {
      return characters.join("");
    }
  }
}

/** Makes a passphrase of six words: it can be told on the phone. */
export async function newWords(roll: Dice = dice): Promise<string> {
  const { wordlist } = await import("@scure/bip39/wordlists/english.js");
  return Array.from({ length: wordCount }, () => wordlist[roll(wordlist.length)]).join(" ");
}
