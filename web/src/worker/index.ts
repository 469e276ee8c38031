/** Argon2id in a Worker, so that the page stays responsive. */
import type { Argon2 } from "../format/argon2.js";
import type { Bytes } from "../format/bytes.js";
import { EnvelopeError } from "../format/errors.js";
import url from "./argon2.worker.js?worker&url";
import { type Answer, NoWorker } from "./task.js";

interface Policy {
  createScriptURL(text: string): URL;
}

interface PolicyFactory {
  createPolicy(name: string, rules: { createScriptURL(text: string): string }): Policy;
}

let policy: Policy | undefined;

/** Starts a Worker for one key. Rejects with passphrase, NoWorker, or the reason of the signal, which stops the Worker. */
export const argon2InWorker: Argon2 = async (passphrase: string, salt: Bytes, signal?: AbortSignal) => {
  signal?.throwIfAborted();
  const worker = start();
  try {
    return await new Promise<Bytes>((resolve, reject) => {
      worker.onmessage = ({ data }: MessageEvent<Answer>) =>
        "key" in data ? resolve(data.key) : reject(data.refused ? new EnvelopeError("passphrase") : new NoWorker());
      worker.onerror = () => reject(new NoWorker());
      signal?.addEventListener("abort", () => reject(signal.reason), { once: true });
      worker.postMessage({ passphrase, salt });
    });
  } finally {
    worker.terminate();
  }
};

function start(): Worker {
  try {
    return new Worker(trustedUrl(), { type: "module" });
  } catch {
    throw new NoWorker();
  }
}

/** Returns the address of the Worker, as a trusted URL in browsers with Trusted Types. */
function trustedUrl(): URL {
  const types: PolicyFactory | undefined = Reflect.get(globalThis, "trustedTypes");
  policy ??= types?.createPolicy("worker", { createScriptURL: onlyWorker });
  return policy?.createScriptURL(url) ?? new URL(url, location.origin);
}

function onlyWorker(text: string): string {
  if (text !== url) {
    throw new TypeError("not the address of the Worker");
  }
  return text;
}
