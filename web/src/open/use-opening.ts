import { useEffect, useState } from "preact/hooks";
import { browserParts } from "./browser-parts.js";
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
  return { opening, state };
}

/** Forgets everything when the page is left, also when a browser keeps it to come back to. */
function dropOnLeave(opening: Opening): () => void {
  const drop = (): void => opening.drop();
  addEventListener("pagehide", drop);
  return () => {
    removeEventListener("pagehide", drop);
    drop();
  };
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
