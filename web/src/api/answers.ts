/** The answers of the API (docs/openapi.yaml), validated. Names are the API's; times are seconds since 1970 UTC. */
import type { Bytes } from "../format/bytes.js";
import { decodeBase64url } from "./base64url.js";
import { ApiError, type FreezeReason, freezeReasons } from "./problem.js";
import { flagIn, listIn, memberOf, numberIn, oneOf, textIn, timeIn } from "./json.js";

/** The limits of a server. TTLs are in seconds, max_envelope is in bytes. */
export interface Config {
  readonly min_ttl: number;
  readonly default_ttl: number;
  readonly max_ttl: number;
  readonly max_views: number;
  readonly max_envelope: number;
  readonly require_passphrase: boolean;
  readonly create: "anyone" | "key" | "entra";
  readonly now: number;
  readonly version: string;
}

export interface Created {
  readonly id: string;
  readonly expires_at: number;
}

/** What a holder of the link can learn without reading. */
export interface Status {
  readonly id: string;
  readonly state: "live" | "frozen" | "held";
  /** Of a frozen secret. */
  readonly reason: FreezeReason;
  readonly views_left: number;
  readonly expires_at: number;
  readonly passphrase: boolean;
}

export interface Reading {
  readonly envelope: Bytes;
  readonly views_left: number;
  /** Until then a repeated read with the same key returns the same bytes. */
  readonly lease_ends_at: number;
}

export const states = ["live", "frozen", "held", "read", "revoked", "expired"] as const;
export const eventNames = [
  "created",
  "read",
  "acked",
  "lapsed",
  "refused",
  "frozen",
  "unlocked",
  "held",
  "released",
  "revoked",
  "expired",
] as const;

export type State = (typeof states)[number];
export type EventName = (typeof eventNames)[number];

export interface ReceiptEvent {
  readonly event: EventName;
  readonly at: number;
  /** For expired: the secret was on hold at the time. */
  readonly held: boolean;
}

/** The history of a secret, the oldest event first. */
export interface Receipt {
  readonly id: string;
  readonly state: State;
  /** Of a frozen secret. */
  readonly reason: FreezeReason;
  readonly created_at: number;
  readonly expires_at: number;
  readonly views_left: number;
  /** How many unlocks may still forget wrong passphrases. */
  readonly unlocks_left: number;
  readonly events: readonly ReceiptEvent[];
}

export function parseConfig(body: unknown): Config {
  return {
    min_ttl: required(numberIn(body, "min_ttl")),
    default_ttl: required(numberIn(body, "default_ttl")),
    max_ttl: required(numberIn(body, "max_ttl")),
    max_views: required(numberIn(body, "max_views")),
    max_envelope: required(numberIn(body, "max_envelope")),
    require_passphrase: required(flagIn(body, "require_passphrase")),
    create: required(oneOf(body, "create", ["anyone", "key", "entra"] as const)),
    now: required(timeIn(body, "now")),
    version: required(textIn(body, "version")),
  };
}

export function parseCreated(body: unknown): Created {
  return { id: required(textIn(body, "id")), expires_at: required(timeIn(body, "expires_at")) };
}

export function parseStatus(body: unknown): Status {
  return {
    id: required(textIn(body, "id")),
    state: required(oneOf(body, "state", ["live", "frozen", "held"] as const)),
    reason: freezeReasonIn(body),
    views_left: required(numberIn(body, "views_left")),
    expires_at: required(timeIn(body, "expires_at")),
    passphrase: required(flagIn(body, "passphrase")),
  };
}

export function parseReading(body: unknown): Reading {
  return {
    envelope: required(decodeBase64url(required(textIn(body, "envelope")))),
    views_left: required(numberIn(body, "views_left")),
    lease_ends_at: required(timeIn(body, "lease_ends_at")),
  };
}

export function parseReceipt(body: unknown): Receipt {
  return {
    id: required(textIn(body, "id")),
    state: required(oneOf(body, "state", states)),
    reason: freezeReasonIn(body),
    created_at: required(timeIn(body, "created_at")),
    expires_at: required(timeIn(body, "expires_at")),
    views_left: required(numberIn(body, "views_left")),
    unlocks_left: required(numberIn(body, "unlocks_left")),
    events: required(listIn(body, "events")).map(parseEvent),
  };
}

/** Returns why the secret is frozen. Meaningless for any other state. */
function freezeReasonIn(body: unknown): FreezeReason {
  return oneOf(body, "reason", freezeReasons) ?? "passphrase";
}

function parseEvent(event: unknown): ReceiptEvent {
  return {
    event: required(oneOf(event, "event", eventNames)),
    at: required(timeIn(event, "at")),
    held: memberOf(event, "held") === true,
  };
}

function required<Value>(value: Value | undefined): Value {
  if (value === undefined) {
    throw new ApiError("bad-answer", 200);
  }
  return value;
}
