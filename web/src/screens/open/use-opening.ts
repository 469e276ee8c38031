import { useEffect } from "preact/hooks";
import { wait } from "../../api/browser.js";
import { open } from "../../format/envelope.js";
import { deriveKeys } from "../../format/keys.js";
import { askBeforeLeaving } from "../../shared/lifecycle.js";
import { browserEnvironment, useSession } from "../../shared/use-session.js";
import { argon2InWorker } from "../../worker/index.js";
import { visible } from "./on-screen.js";
import { type OpenEnvironment, Opening } from "./opening.js";
import type { OpenState } from "./state.js";

/** Opens the link in the text. Warns before the page is left while a taken view could be lost. */
export function useOpening(text: string): { opening: Opening; state: OpenState } {
  const { session: opening, state } = useSession(createOpening, text);
  useEffect(() => whenOnline(opening, state), [opening, state]);
  useEffect(() => (isAtRisk(state) ? askBeforeLeaving() : undefined), [state]);
  return { opening, state };
}

function createOpening(): Opening {
  return new Opening(environment());
}

function environment(): OpenEnvironment {
  return {
    ...browserEnvironment(),
    derive: (link, passphrase) => deriveKeys(link, passphrase, argon2InWorker),
    open,
    wait: async (milliseconds, signal) => {
      await wait(milliseconds, signal);
      await visible(signal);
    },
  };
}

/** Tries again once the network is back. */
function whenOnline(opening: Opening, state: OpenState): (() => void) | undefined {
  if (state.screen !== "trouble" || state.error.problem !== "offline") {
    return undefined;
  }
  const again = (): void => void opening.again();
  addEventListener("online", again, { once: true });
  return () => removeEventListener("online", again);
}

/** Reports whether a view may be taken that would be lost if the page were left now. */
function isAtRisk(state: OpenState): boolean {
  switch (state.screen) {
    case "reading":
      return true;
    case "held":
    case "trouble":
      return state.asking;
    case "shown":
      return state.ack === "due";
    default:
      return false;
  }
}
