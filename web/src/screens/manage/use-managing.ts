import { useEffect, useState } from "preact/hooks";
import { browserApi } from "../../api/discover.js";
import { random } from "../../format/bytes.js";
import { missingFeature } from "../../shared/features.js";
import { dropOnLeave } from "../../shared/lifecycle.js";
import { Managing, type ManageState } from "./managing.js";

/** Manages the link in the text, for as long as the component lives and nobody leaves the page. */
export function useManaging(text: string): { managing: Managing; state: ManageState } {
  const [managing] = useState(() => new Managing(browserParts()));
  const [state, setState] = useState<ManageState>(managing.state);
  useEffect(() => {
    managing.subscribe(setState);
    void managing.start(text);
    return dropOnLeave(managing);
  }, [managing, text]);
  return { managing, state };
}

function browserParts() {
  return { origin: location.origin, api: browserApi, newKey: () => random(32), missing: missingFeature };
}
