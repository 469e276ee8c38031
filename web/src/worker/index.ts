/** Argon2id beside the page, so that the page never freezes. */
import type { Bytes } from "../format/bytes.js";
import type { Stretch } from "../stretch.js";
import { NoWorker } from "./no-worker.js";
import url from "./argon2.worker.js?worker&url";
import type { Answer } from "./task.js";

interface Policy {
  createScriptURL(text: string): URL;
}

interface Policies {
  createPolicy(name: string, rules: { createScriptURL(text: string): string }): Policy;
}

let policy: Policy | undefined;

/** Derives in a Worker of its own. Rejects with NoWorker, or with the signal's reason, which ends the work. */
export const stretchInWorker: Stretch = async (password: Bytes, salt: Bytes, signal?: AbortSignal) => {
  signal?.throwIfAborted();
  const worker = start();
  try {
    return await new Promise<Bytes>((resolve, reject) => {
      worker.onmessage = ({ data }: MessageEvent<Answer>) =>
        "key" in data ? resolve(data.key) : reject(new NoWorker());
      worker.onerror = () => reject(new NoWorker());
      signal?.addEventListener("abort", () => reject(signal.reason), { once: true });
      worker.postMessage({ password, salt });
    });
  } finally {
    worker.terminate();
  }
};

function start(): Worker {
  try {
    return new Worker(trusted(), { type: "module" });
  } catch {
    throw new NoWorker();
  }
}

/** Returns the one address that may become a Worker, by Trusted Types where the browser has them. */
function trusted(): URL {
  const types: Policies | undefined = Reflect.get(globalThis, "trustedTypes");
  policy ??= types?.createPolicy("worker", { createScriptURL: only });
  return policy?.createScriptURL(url) ?? new URL(url, location.origin);
}

function only(text: string): string {
  if (text !== url) {
    throw new TypeError("not the Worker's address");
  }
  return text;
}
