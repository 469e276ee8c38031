import { ApiError, type FreezeReason, type Reason, type Status } from "../../api/index.js";
import type { Bytes } from "../../format/bytes.js";
import type { Meta } from "../../format/content.js";
import { EnvelopeError } from "../../format/errors.js";
import type { LinkState } from "../../shared/session.js";
import { NoWorker } from "../../worker/task.js";

/** The content of an envelope. The data is the only copy; it is wiped when the page is left. */
export interface Secret {
  readonly meta: Meta;
  readonly data: Bytes;
  /** In seconds since 1970 UTC. */
  readonly expires: number;
  /** The views that are left for others. */
  readonly left: number;
}

/** How far the acknowledgement is: due, sent, confirmed by the server, or failed. */
export type Ack = "due" | "sent" | "done" | "failed";

/** The states of an opening, each with a screen. Times are seconds since 1970 UTC. */
export type OpenState =
  | LinkState
  | Ready
  | { readonly screen: "stretching" }
  /** Attempt counts the tries of the call, from 1 on. */
  | { readonly screen: "reading"; readonly attempt: number }
  | { readonly screen: "shown"; readonly secret: Secret; readonly ack: Ack }
  /** Lost: the view may have been taken here. */
  | { readonly screen: "gone"; readonly reason?: Reason; readonly when?: number; readonly lost: boolean }
  /** Final: no unlock is left. */
  | { readonly screen: "frozen"; readonly reason: FreezeReason; readonly final: boolean }
  /** Asking: the reader has asked for the secret, and the page repeats the read with the same key. */
  | { readonly screen: "held"; readonly until?: number; readonly asking: boolean }
  | { readonly screen: "unknown" }
  /** The answer is no envelope of this link. None of it is shown. */
  | { readonly screen: "broken" }
  /** Asking: the view may be taken, and trying again with the same key takes no other. */
  | { readonly screen: "trouble"; readonly error: ApiError; readonly asking: boolean };

/** The secret can be read now. */
export interface Ready {
  readonly screen: "ready";
  readonly status: Status;
  /** After a wrong passphrase. */
  readonly refused?: Refused;
  /** A view that this page took has lapsed before its answer arrived. */
  readonly lapsed?: boolean;
}

/** Why the passphrase was refused. */
export interface Refused {
  /** The tries left before the secret freezes, if the server said so. */
  readonly tries?: number;
  /** The format does not allow it, or this browser does not know all of its characters. The server was not asked. */
  readonly invalid?: true;
}

/** Returns the state to which an error leads. Asking: the reader has asked for the secret. */
export function endOf(error: unknown, asking: boolean): OpenState {
  if (error instanceof EnvelopeError) {
    return { screen: "broken" };
  }
  if (error instanceof NoWorker) {
    return { screen: "old", missing: "Web Workers, WebAssembly" };
  }
  return endOfCall(error instanceof ApiError ? error : new ApiError("bad-answer"), asking);
}

function endOfCall(error: ApiError, asking: boolean): OpenState {
  const { at, until, reason, freeze = "passphrase", unlocks_left: unlocks } = error.details;
  switch (error.problem) {
    case "gone":
      return { screen: "gone", lost: asking, ...(reason && { reason }), ...(at !== undefined && { when: at }) };
    case "frozen":
    case "wrong-passphrase": // that was the last try
      return { screen: "frozen", reason: freeze, final: freeze === "passphrase" && unlocks === 0 };
    case "held":
      return { screen: "held", asking, ...(until !== undefined && { until }) };
    case "not-found":
      return { screen: "unknown" };
    default:
      return { screen: "trouble", error, asking };
  }
}
