import type { Transport } from "./call.js";

/** The transport of a browser. */
export const browser: Transport = {
  fetch: (url, init) => fetch(url, init),
  wait,
  now: () => performance.now(),
  online: () => navigator.onLine,
};

/** Resolves after the given milliseconds, or rejects with the reason of the signal. */
export function wait(milliseconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", stop);
      resolve();
    }, milliseconds);
    if (signal?.aborted) {
      stop();
    } else {
      signal?.addEventListener("abort", stop, { once: true });
    }
  });
}
