import { argon2id } from "hash-wasm";
import type { Bytes } from "./bytes.js";

/** Makes 32 bytes of a password and a salt, slowly. */
export type Stretch = (password: Bytes, salt: Bytes) => Promise<Bytes>;

/**
 * Argon2id with the parameters of profile 1. It takes 64 MiB and some tenths of a second,
 * and keeps the thread busy: a page does better to pass a Stretch that asks a Worker.
 */
export const stretch: Stretch = async (password, salt) => {
  const options = { password, salt, memorySize: 65536, iterations: 3, parallelism: 1, hashLength: 32 };
  return new Uint8Array(await argon2id({ ...options, outputType: "binary" }));
};
