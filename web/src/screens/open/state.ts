import type { ApiError, Reason, Status } from "../../api/index.js";
import type { Meta } from "../../format/content.js";
import type { Bytes } from "../../format/bytes.js";
import type { Damage } from "../../shared/find-link.js";

/** What came out of the envelope. The data is the only copy, and wiped when the page is left. */
export interface Secret {
  readonly meta: Meta;
  readonly data: Bytes;
  /** In seconds since 1970 UTC. */
  readonly expires: number;
  /** Views that are left for others. */
  readonly left: number;
}

/** How far the server has been told that the secret arrived. */
export type Ack = "due" | "sent" | "done" | "failed";

/** One screen each. Times are seconds since 1970 UTC. */
export type OpenState =
  | { readonly screen: "paste" }
  | { readonly screen: "damaged"; readonly damage: Damage }
  | { readonly screen: "elsewhere"; readonly origin: string }
  | { readonly screen: "old"; readonly missing: string }
  | { readonly screen: "looking"; readonly attempt: number }
  | Ready
  | { readonly screen: "stretching" }
  | { readonly screen: "reading"; readonly attempt: number }
  | { readonly screen: "shown"; readonly secret: Secret; readonly ack: Ack }
  | { readonly screen: "gone"; readonly reason?: Reason; readonly when?: number; readonly lost: boolean }
  | { readonly screen: "frozen"; readonly since?: number }
  /** Asking: the deliberate act is done, and the page asks on under its key. */
  | { readonly screen: "held"; readonly until?: number; readonly asking: boolean }
  | { readonly screen: "unknown" }
  /** The answer is no envelope of this link: nothing of it is shown. */
  | { readonly screen: "broken" }
  /** Asking: the view may be taken, and asking again under its key costs none. */
  | { readonly screen: "trouble"; readonly error: ApiError; readonly asking: boolean }
  | { readonly screen: "dropped" };

/** It can be read now. */
export interface Ready {
  readonly screen: "ready";
  readonly status: Status;
  /** After a wrong passphrase: other wrong ones until it freezes, undefined where that was not said. */
  readonly refused?: { readonly tries?: number };
  /** A view that this page took has lapsed before its answer arrived. */
  readonly lapsed?: boolean;
}
