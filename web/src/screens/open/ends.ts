import { ApiError } from "../../api/index.js";
import { EnvelopeError } from "../../format/errors.js";
import { DamagedLink } from "../../shared/find-link.js";
import { NoWorker } from "../../worker/task.js";
import type { OpenState } from "./state.js";

/** Returns the screen on which an error ends. Asking: the deliberate act is done. */
export function endOf(error: unknown, asking: boolean): OpenState {
  if (error instanceof DamagedLink) {
    return { screen: "damaged", damage: error.damage };
  }
  if (error instanceof EnvelopeError) {
    return { screen: "broken" };
  }
  if (error instanceof NoWorker) {
    return { screen: "old", missing: "Web Workers, WebAssembly" };
  }
  return endOfCall(error instanceof ApiError ? error : new ApiError("bad-answer"), asking);
}

function endOfCall(error: ApiError, asking: boolean): OpenState {
  const { at, until, reason } = error.details;
  switch (error.problem) {
    case "gone":
      return { screen: "gone", lost: asking, ...(reason && { reason }), ...(at !== undefined && { when: at }) };
    case "frozen":
      return { screen: "frozen", ...(at !== undefined && { since: at }) };
    case "wrong-passphrase": // the last try
      return { screen: "frozen" };
    case "held":
      return { screen: "held", asking, ...(until !== undefined && { until }) };
    case "not-found":
      return { screen: "unknown" };
    default:
      return { screen: "trouble", error, asking };
  }
}
