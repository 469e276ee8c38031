/** The client of the HTTP API, like client/ in Go. Every call is idempotent and is tried again. */
import type { Bytes } from "../format/bytes.js";
import { formatId } from "../format/link.js";
import {
  type Config,
  type Created,
  parseConfig,
  parseCreated,
  parseReading,
  parseReceipt,
  parseStatus,
  type Reading,
  type Receipt,
  type Status,
} from "./answers.js";
import { encodeBase64url } from "./base64url.js";
import { browser } from "./browser.js";
import { type Call, type CallOptions, send, type Transport } from "./call.js";
import { ApiError } from "./problem.js";

export type { Config, Created, EventName, Reading, Receipt, ReceiptEvent, State, Status } from "./answers.js";
export type { CallOptions, Transport } from "./call.js";
export { ApiError, type Details, type Failure, type FreezeReason, type Reason, type Slug } from "./problem.js";

/** A sealed secret, and the SHA-256 hashes of the proofs that the server will check. */
export interface Draft {
  readonly envelope: Bytes;
  readonly access_hash: Bytes;
  readonly claim_hash: Bytes;
  readonly manage_hash: Bytes;
}

/** The calls. Ids have 20 bytes, proofs and keys 32. Each call rejects with ApiError or the reason of the signal. */
export interface Api {
  config(options?: CallOptions): Promise<Config>;
  /** Key is the operator's, or null where none is required. Creating the same draft again changes nothing. */
  create(draft: Draft, key: string | null, options?: CallOptions): Promise<Created>;
  status(id: Bytes, access: Bytes, options?: CallOptions): Promise<Status>;
  /** Takes one view, or repeats the view that the same key took in the last two minutes. */
  read(id: Bytes, access: Bytes, claim: Bytes, key: Bytes, options?: CallOptions): Promise<Reading>;
  /** Ends the view that the key took. */
  ack(id: Bytes, access: Bytes, key: Bytes, options?: CallOptions): Promise<void>;
  revoke(id: Bytes, manage: Bytes, options?: CallOptions): Promise<void>;
  receipt(id: Bytes, manage: Bytes, options?: CallOptions): Promise<Receipt>;
  /** Unfreezes the secret, once for each key. */
  unlock(id: Bytes, manage: Bytes, key: Bytes, options?: CallOptions): Promise<void>;
}

// The patience of queries, of changes and of reads, in seconds. A read may take its view on the
// first try: its patience and the time of one more try must be less than the lease of 120 s.
const quick = 5;
const steady = 40;
const patient = 80;

/** Returns the client of the API at an origin. */
export function createApi(base: string, transport: Transport = browser): Api {
  const secret = (id: Bytes, rest = ""): string => `${base}/api/secrets/${formatId(id)}${rest}`;

  async function query<Answer>(call: Call<Answer>, options?: CallOptions): Promise<Answer> {
    const answer = await send(call, transport, options);
    if (answer === undefined) {
      throw new ApiError("bad-answer");
    }
    return answer;
  }

  async function command(call: Call<never>, options?: CallOptions): Promise<void> {
    await send(call, transport, options);
  }

  return {
    config: (options) =>
      query({ method: "GET", url: `${base}/api/config`, headers: {}, patience: quick, parse: parseConfig }, options),
    create: (draft, key, options) =>
      query(
        {
          method: "POST",
          url: `${base}/api/secrets`,
          headers: key === null ? {} : { "Secret-Create": key },
          body: formatDraft(draft),
          patience: steady,
          parse: parseCreated,
        },
        options,
      ),
    status: (id, access, options) =>
      query(
        { method: "GET", url: secret(id), headers: proofs({ access }), patience: quick, parse: parseStatus },
        options,
      ),
    read: (id, access, claim, key, options) =>
      query(
        {
          method: "POST",
          url: secret(id, "/read"),
          headers: proofs({ access, claim, key }),
          patience: patient,
          parse: parseReading,
        },
        options,
      ),
    ack: (id, access, key, options) =>
      command(
        { method: "POST", url: secret(id, "/ack"), headers: proofs({ access, key }), patience: quick, keepalive: true },
        options,
      ),
    revoke: (id, manage, options) =>
      command({ method: "DELETE", url: secret(id), headers: proofs({ manage }), patience: steady }, options),
    receipt: (id, manage, options) =>
      query(
        {
          method: "GET",
          url: secret(id, "/receipt"),
          headers: proofs({ manage }),
          patience: quick,
          parse: parseReceipt,
        },
        options,
      ),
    unlock: (id, manage, key, options) =>
      command({ method: "POST", url: secret(id, "/unlock"), headers: proofs({ manage, key }), patience: steady }, options),
  };
}

interface Proofs {
  readonly access?: Bytes;
  readonly claim?: Bytes;
  readonly manage?: Bytes;
  readonly key?: Bytes;
}

function proofs({ access, claim, manage, key }: Proofs): Record<string, string> {
  return {
    ...(access && { "Secret-Access": encodeBase64url(access) }),
    ...(claim && { "Secret-Claim": encodeBase64url(claim) }),
    ...(manage && { "Secret-Manage": encodeBase64url(manage) }),
    ...(key && { "Idempotency-Key": encodeBase64url(key) }),
  };
}

function formatDraft(draft: Draft): string {
  return JSON.stringify({
    envelope: encodeBase64url(draft.envelope),
    access_hash: encodeBase64url(draft.access_hash),
    claim_hash: encodeBase64url(draft.claim_hash),
    manage_hash: encodeBase64url(draft.manage_hash),
  });
}
