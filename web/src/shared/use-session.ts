import { useEffect, useState } from "preact/hooks";
import { browserApi } from "../api/discover.js";
import { random } from "../format/bytes.js";
import { missingFeature } from "./features.js";
import { dropOnLeave } from "./lifecycle.js";

interface Running<State> {
  readonly state: State;
  subscribe(listener: (state: State) => void): void;
  start(text: string): Promise<void>;
  drop(): void;
}

/** Runs a session on the text while the component is mounted and the page is not left. */
export function useSession<S, State>(create: () => S & Running<State>, text: string): { session: S; state: State } {
  const [session] = useState(create);
  const [state, setState] = useState<State>(session.state);
  useEffect(() => {
    session.subscribe(setState);
    void session.start(text);
    return dropOnLeave(session);
  }, [session, text]);
  return { session, state };
}

/** Returns the environment of a session in a browser. */
export function browserEnvironment() {
  return { origin: location.origin, api: browserApi, newKey: () => random(32), missing: missingFeature };
}
