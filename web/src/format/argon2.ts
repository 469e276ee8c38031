import { argon2id } from "hash-wasm";
import type { Bytes } from "./bytes.js";

/** Derives 32 bytes from a password and a salt of 16 bytes. A signal stops the work where it can be stopped. */
export type Argon2 = (password: Bytes, salt: Bytes, signal?: AbortSignal) => Promise<Bytes>;

/**
 * Argon2id with the parameters of profile 1: 64 MiB of memory and a few tenths of a second. It
 * blocks the thread, so the page runs it in a Worker.
 */
export const argon2: Argon2 = async (password, salt) => {
  const options = { password, salt, memorySize: 65536, iterations: 3, parallelism: 1, hashLength: 32 };
  return new Uint8Array(await argon2id({ ...options, outputType: "binary" }));
};
