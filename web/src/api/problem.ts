import { numberIn, oneOf, textIn, timeIn } from "./json.js";

/** The problems that the API reports, described in docs/problems.md. */
export const slugs = [
  "not-found",
  "gone",
  "wrong-passphrase",
  "frozen",
  "held",
  "conflict",
  "invalid",
  "unauthorized",
  "forbidden",
  "too-large",
  "unsupported-media-type",
  "method-not-allowed",
  "rate-limited",
  "unavailable",
  "full",
] as const;

/** The failures without an answer: no network, no server, no answer in time, no answer of this API. */
export const failures = ["offline", "unreachable", "timeout", "bad-answer"] as const;

export type Slug = (typeof slugs)[number];
export type Failure = (typeof failures)[number];

/** Why a secret is gone. */
export const reasons = ["read", "revoked", "expired"] as const;

export type Reason = (typeof reasons)[number];

/** Why a secret is frozen: too many wrong passphrases, or use of its link from too many addresses. */
export const freezeReasons = ["passphrase", "addresses"] as const;

export type FreezeReason = (typeof freezeReasons)[number];

/** The details of a problem, named as in the API. Times are seconds since 1970 UTC. */
export interface Details {
  /** For gone, the member "reason". Missing when only the view of this key is over. */
  readonly reason?: Reason;
  /** For gone: when. For frozen: since when. */
  readonly at?: number;
  /** For frozen, the member "reason". */
  readonly freeze?: FreezeReason;
  /** For frozen: how many unlocks may still forget wrong passphrases. */
  readonly unlocks_left?: number;
  /** For held: the end of the hold. */
  readonly until?: number;
  /** For wrong-passphrase. 0: the secret has just been frozen. */
  readonly tries_left?: number;
  /** For invalid and too-large. */
  readonly field?: string;
  /** The broken rule, in English. */
  readonly detail?: string;
  /** Seconds to wait before the next try. */
  readonly retry_after?: number;
}

/** The error of every call. Its message contains nothing of the request. */
export class ApiError extends Error {
  override readonly name = "ApiError";

  constructor(
    readonly problem: Slug | Failure,
    /** The HTTP status, 0 when no answer came. */
    readonly status = 0,
    readonly details: Details = {},
  ) {
    super(`api: ${problem}`);
  }
}

/** Parses an application/problem+json answer. The status decides when the type is unknown. */
export function parseProblem(status: number, retryAfter: string | null, body: unknown): ApiError {
  const type = textIn(body, "type") ?? "";
  const slug = slugs.find((known) => type.endsWith(`/problems/${known}`));
  return new ApiError(slug ?? byStatus(status), status, {
    ...present("reason", oneOf(body, "reason", reasons)),
    ...present("at", timeIn(body, "at")),
    ...present("freeze", oneOf(body, "reason", freezeReasons)),
    ...present("unlocks_left", numberIn(body, "unlocks_left")),
    ...present("until", timeIn(body, "until")),
    ...present("tries_left", numberIn(body, "tries_left")),
    ...present("field", textIn(body, "field")),
    ...present("detail", textIn(body, "detail")),
    ...present("retry_after", seconds(retryAfter)),
  });
}

/** Returns the error for an answer that is not the API's, such as a gateway's, by its status. */
export function foreignAnswer(status: number, retryAfter: string | null): ApiError {
  return new ApiError(byStatus(status), status, present("retry_after", seconds(retryAfter)));
}

/** Reports whether the same call may succeed a little later. */
export function isTemporary(error: ApiError): boolean {
  return ["unreachable", "timeout", "rate-limited", "unavailable"].includes(error.problem);
}

function byStatus(status: number): Slug | Failure {
  if (status === 429) {
    return "rate-limited";
  }
  if (status === 507) {
    return "full";
  }
  return [408, 500, 502, 503, 504].includes(status) ? "unavailable" : "bad-answer";
}

/** Parses a Retry-After in seconds. Ignores dates and anything over a day. */
function seconds(text: string | null): number | undefined {
  const value = text !== null && /^[0-9]{1,5}$/.test(text) ? Number(text) : Infinity;
  return value <= 86400 ? value : undefined;
}

function present<Name extends string, Value>(name: Name, value: Value | undefined): { [N in Name]?: Value } {
  return value === undefined ? {} : ({ [name]: value } as { [N in Name]: Value });
}
