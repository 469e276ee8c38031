import { browserApi } from "../../api/discover.js";
import { wait } from "../../api/browser.js";
import { random } from "../../format/bytes.js";
import { open } from "../../format/envelope.js";
import { missingFeature } from "../../shared/features.js";
import { deriveKeys } from "../../format/keys.js";
import { argon2InWorker } from "../../worker/index.js";
import type { Parts } from "./opening.js";

/** What an opening stands on in a browser. */
export function browserParts(): Parts {
  return {
    origin: location.origin,
    api: browserApi,
    derive: (link, passphrase) => deriveKeys(link, passphrase, argon2InWorker),
    open,
    newKey: () => random(32),
    missing: missingFeature,
    wait: waitWatched,
  };
}

/** Waits, and then until somebody looks at the page. */
async function waitWatched(milliseconds: number, signal: AbortSignal): Promise<void> {
  await wait(milliseconds, signal);
  await visible(signal);
}

/** Resolves while or once the page is in sight. */
export function visible(signal: AbortSignal): Promise<void> {
  if (document.visibilityState === "visible") {
    return Promise.resolve();
  }
  return new Promise((resolve) => {
    document.addEventListener("visibilitychange", () => resolve(), { once: true, signal });
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
