/** The code of the page without its screens, built like the page, to run the vectors and to measure it. */
import { random } from "../../src/format/bytes.js";
import { sealOrder } from "../../src/screens/create/sealing.js";
import { argon2InWorker } from "../../src/worker/index.js";
import { casesOf } from "../../test/vector-cases.js";
import type { Vectors } from "../../test/vectors.js";

export interface Lab {
  /** Runs all vectors. Returns their number and the errors of those that fail. */
  vectors(text: string): Promise<{ count: number; failed: readonly string[] }>;
  /** Seals random bytes like the page, and encrypts them with WebCrypto alone. Returns the milliseconds of each. */
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
    const page = await time(() => sealOrder(first, location.origin, Date.now() / 1000, argon2InWorker));
    const bare = await time(() => crypto.subtle.encrypt({ name: "AES-GCM", iv: random(12) }, key, second.data));
    return { page, bare };
  },
};

async function time(run: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await run();
  return performance.now() - start;
}

/** Returns random bytes. The platform provides at most 64 KiB at a time. */
function randomBytes(size: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(size);
  for (let at = 0; at < size; at += 65536) {
    crypto.getRandomValues(bytes.subarray(at, Math.min(at + 65536, size)));
  }
  return bytes;
}
