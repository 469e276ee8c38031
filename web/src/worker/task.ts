import type { Bytes } from "../format/bytes.js";

/** What the Worker is asked. */
export interface Task {
  readonly password: Bytes;
  readonly salt: Bytes;
}

/** What it answers: 32 bytes, or that it could not, for want of memory or of WebAssembly. */
export type Answer = { readonly key: Bytes } | { readonly failed: true };
