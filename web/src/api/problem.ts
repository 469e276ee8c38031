import { memberOf, numberIn, textIn, timeIn } from "./json.js";

/** The problems that the API answers: docs/problems.md describes each. */
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
] as const;

/** What can go wrong before an answer: no network, no server, no answer in time, no answer of this API. */
export const failures = ["offline", "unreachable", "timeout", "bad-answer"] as const;

export type Slug = (typeof slugs)[number];
export type Failure = (typeof failures)[number];

/** Why a secret is over. */
export type Reason = "read" | "revoked" | "expired";

/** What a problem tells besides its name, as the API spells it. Times are seconds since 1970 UTC. */
export interface Details {
  /** Of gone. Missing where the secret lives on, but not for this key. */
  readonly reason?: Reason;
  /** Of gone: when. Of frozen: since when. */
  readonly at?: number;
  /** Of held: its end. */
  readonly until?: number;
  /** Of wrong-passphrase. 0: it has just frozen. */
  readonly tries_left?: number;
  /** Of invalid and too-large. */
  readonly field?: string;
  /** The rule, in the server's own English. */
  readonly detail?: string;
  /** Seconds to wait before the next try. */
  readonly retry_after?: number;
}

/** The one error of a call. Its message holds nothing of the request. */
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

/** Reads the body of an application/problem+json answer; one of an unknown type is taken by its status. */
export function parseProblem(status: number, retryAfter: string | null, body: unknown): ApiError {
  const type = textIn(body, "type") ?? "";
  const slug = slugs.find((known) => type.endsWith(`/problems/${known}`));
  return new ApiError(slug ?? byStatus(status), status, {
    ...reasonIn(body),
    ...present("at", timeIn(body, "at")),
    ...present("until", timeIn(body, "until")),
    ...present("tries_left", numberIn(body, "tries_left")),
    ...present("field", textIn(body, "field")),
    ...present("detail", textIn(body, "detail")),
    ...present("retry_after", seconds(retryAfter)),
  });
}

/** Takes the answer of a gateway, or of something else that is no secret sharer, by its status. */
export function foreignAnswer(status: number, retryAfter: string | null): ApiError {
  return new ApiError(byStatus(status), status, present("retry_after", seconds(retryAfter)));
}

/** Says whether the same call may do better a little later. */
export function passes(error: ApiError): boolean {
  return ["unreachable", "timeout", "rate-limited", "unavailable"].includes(error.problem);
}

function byStatus(status: number): Slug | Failure {
  if (status === 429) {
    return "rate-limited";
  }
  return [408, 500, 502, 503, 504].includes(status) ? "unavailable" : "bad-answer";
}

/** Reads a Retry-After in seconds. One of more than a day, or a date, is none that one waits for. */
function seconds(text: string | null): number | undefined {
  const value = text !== null && /^[0-9]{1,5}$/.test(text) ? Number(text) : Infinity;
  return value <= 86400 ? value : undefined;
}

function reasonIn(body: unknown): { reason?: Reason } {
  const reason = memberOf(body, "reason");
  return reason === "read" || reason === "revoked" || reason === "expired" ? { reason } : {};
}

function present<Name extends string, Value>(name: Name, value: Value | undefined): { [N in Name]?: Value } {
  return value === undefined ? {} : ({ [name]: value } as { [N in Name]: Value });
}
