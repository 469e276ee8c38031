import { useEffect, useState } from "preact/hooks";
import { browserParts } from "./browser-parts.js";
import { askBeforeLeaving, dropOnLeave } from "../../shared/lifecycle.js";
import { Opening } from "./opening.js";
import type { OpenState } from "./state.js";

/** Opens what the text has, for as long as the component lives and nobody leaves the page. */
export function useOpening(text: string): { opening: Opening; state: OpenState } {
  const [opening] = useState(() => new Opening(browserParts()));
  const [state, setState] = useState<OpenState>(opening.state);
  useEffect(() => {
    opening.subscribe(setState);
    void opening.start(text);
    return dropOnLeave(opening);
  }, [opening, text]);
  useEffect(() => onceOnline(opening, state), [opening, state]);
  useEffect(() => (isAtRisk(state) ? askBeforeLeaving() : undefined), [state]);
  return { opening, state };
}

/** Goes on by itself once the network is back. */
function onceOnline(opening: Opening, state: OpenState): (() => void) | undefined {
  if (state.screen !== "trouble" || state.error.problem !== "offline") {
    return undefined;
  }
  const again = (): void => void opening.again();
  addEventListener("online", again, { once: true });
  return () => removeEventListener("online", again);
}

/** Says whether a view may have been taken that nobody could get again if the page were left now. */
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
