/** The messages between the page and its Worker. */
import type { Bytes } from "../format/bytes.js";

/** A request to derive a key. */
export interface Task {
  readonly password: Bytes;
  readonly salt: Bytes;
}

/** The answer: 32 bytes, or a failure for lack of memory or of WebAssembly. */
export type Answer = { readonly key: Bytes } | { readonly failed: true };

/** The browser has no Worker, no WebAssembly, or less than the 64 MiB that Argon2id needs. */
export class NoWorker extends Error {
  override readonly name = "NoWorker";
}
