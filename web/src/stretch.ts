import type { Bytes } from "./format/bytes.js";

/** Makes 32 bytes of a password and a salt, slowly. A signal may end it, where it can be ended. */
export type Stretch = (password: Bytes, salt: Bytes, signal?: AbortSignal) => Promise<Bytes>;
