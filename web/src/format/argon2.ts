import { argon2id } from "hash-wasm";
import { type Bytes, wipe } from "./bytes.js";
import { passphraseBytes } from "./passphrase.js";

/**
 * Derives 32 bytes from a passphrase and a salt of 16 bytes. A signal stops the work where it can
 * be stopped. Rejects with passphrase when the format does not allow the passphrase.
 */
export type Argon2 = (passphrase: string, salt: Bytes, signal?: AbortSignal) => Promise<Bytes>;

/**
 * Argon2id with the parameters of profile 1: 64 MiB of memory and a few tenths of a second. It
 * blocks the thread and needs a table of Unicode, so the page runs it in a Worker.
 */
export const argon2: Argon2 = async (passphrase, salt) => {
  const password = passphraseBytes(passphrase);
  const options = { password, salt, memorySize: 65536, iterations: 3, parallelism: 1, hashLength: 32 };
  try {
    return new Uint8Array(await argon2id({ ...options, outputType: "binary" }));
  } finally {
    wipe(password);
  }
};
