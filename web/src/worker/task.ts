/** The messages between the page and its Worker. */
import type { Bytes } from "../format/bytes.js";

/** A request to derive a key. */
export interface Task {
  readonly passphrase: string;
  readonly salt: Bytes;
}

/** The answer: 32 bytes; or the format refuses the passphrase; or memory or WebAssembly is missing. */
export type Answer = { readonly key: Bytes } | { readonly refused: boolean };

/** The browser has no Worker, no WebAssembly, or less than the 64 MiB that Argon2id needs. */
export class NoWorker extends Error {
  override readonly name = "NoWorker";
}
