import { argon2id } from "hash-wasm";
import type { Stretch } from "../stretch.js";

/**
 * Argon2id with the parameters of profile 1. It takes 64 MiB and some tenths of a second,
 * and keeps the thread busy: the page asks a Worker instead.
 */
export const stretch: Stretch = async (password, salt) => {
  const options = { password, salt, memorySize: 65536, iterations: 3, parallelism: 1, hashLength: 32 };
  return new Uint8Array(await argon2id({ ...options, outputType: "binary" }));
};
