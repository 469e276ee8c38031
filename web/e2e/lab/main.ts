/** The page's engine without the page, built as the page is: for the vectors, and to be timed. */
import { random } from "../../src/format/bytes.js";
import { sealOrder } from "../../src/screens/create/sealing.js";
import { argon2InWorker } from "../../src/worker/index.js";
import { casesOf } from "../../test/vector-cases.js";
import type { Vectors } from "../../test/vectors.js";

export interface Lab {
  /** Runs all vectors; returns how many there are, and what each that fails says. */
  vectors(text: string): Promise<{ count: number; failed: readonly string[] }>;
  /** Seals so many random bytes as the page does, and by WebCrypto alone; returns milliseconds. */
  seal(size: number): Promise<{ page: number; bare: number }>;
}

declare global {
  var lab: Lab;
}

globalThis.lab = {
  async vectors(text) {
    const cases = await casesOf(JSON.parse(text) as Vectors, argon2InWorker);
    const failed: string[] = [];
    for (const { name, run } of cases) {
      await run().catch((error: unknown) => failed.push(`${name}: ${String(error)}`));
    }
    return { count: cases.length, failed };
  },
  async seal(size) {
    const order = () => ({ meta: { type: "text" }, data: randomBytes(size), ttl: 3600, views: 1, passphrase: "" }) as const;
    const [first, second] = [order(), order()];
    const key = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt"]);
    const page = await time(() => sealOrder(first, { origin: location.origin }, Date.now() / 1000, argon2InWorker));
    const bare = await time(() => crypto.subtle.encrypt({ name: "AES-GCM", iv: random(12) }, key, second.data));
    return { page, bare };
  },
};

async function time(act: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await act();
  return performance.now() - start;
}

/** The platform gives 64 KiB at a time. */
function randomBytes(size: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(size);
  for (let at = 0; at < size; at += 65536) {
    crypto.getRandomValues(bytes.subarray(at, Math.min(at + 65536, size)));
  }
  return bytes;
}
