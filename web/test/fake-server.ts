/** A server in memory that answers like the real one, and loses answers on request. */
import { createHash } from "node:crypto";
import type { Transport } from "../src/api/call.js";
import { encodeBase64url } from "../src/api/base64url.js";
import type { Bytes } from "../src/format/bytes.js";
import { seal } from "../src/format/envelope.js";
import { argon2 } from "../src/format/argon2.js";
import { deriveKeys, type Keys } from "../src/format/keys.js";
import { formatId, formatLink, newLink } from "../src/format/link.js";

export const origin = "https://secrets.example";
const expires = 4_000_000_000;

/** What happens to a request instead of an answer, or to the answer. */
export type Fate =
  | "answer"
  | "lose-answer"
  | "lose-request"
  | "hang"
  | { readonly status: number; readonly type?: string; readonly after?: number };

export interface Seen {
  readonly method: string;
  readonly path: string;
  readonly headers: Headers;
}

export class FakeServer {
  readonly seen: Seen[] = [];
  readonly fates: Fate[] = []; // of the next requests, in order; later ones are answered
  readonly waits: number[] = [];
  readonly acked = new Set<string>();
  views = 1;
  tries = 10;
  held = false;
  frozen: object | undefined; // details of a freeze for another reason than wrong passphrases, or for good
  revoked = false;
  online = true;
  clock = 0;
  #envelope = "";
  #keys: Keys | undefined;
  readonly #leases = new Set<string>();

  /** Stores a text and returns its link. */
  async put(text: string, passphrase = "", views = 1): Promise<string> {
    const link = newLink(origin, expires);
    const keys = await deriveKeys(link, passphrase, argon2);
    this.#envelope = encodeBase64url(
      await seal(keys, { views, expires }, { type: "text" }, new TextEncoder().encode(text)),
    );
    this.#keys = keys;
    this.views = views;
    return formatLink(link);
  }

    /** Changes the stored envelope. */
  corrupt(): void {
    this.#envelope = `${this.#envelope.slice(0, -8)}AAAAAAAA`;
  }

  /** Returns the read requests. */
  reads(): readonly Seen[] {
    return this.seen.filter((request) => request.path.endsWith("/read"));
  }

  transport(): Transport {
    return {
      fetch: (url, init) => this.#fetch(url, init),
      wait: async (milliseconds, signal) => {
        signal?.throwIfAborted();
        this.waits.push(milliseconds);
        this.clock += milliseconds;
      },
      now: () => this.clock,
      online: () => this.online,
    };
  }

  async #fetch(url: string, init: RequestInit): Promise<Response> {
    const request = { method: init.method ?? "GET", path: new URL(url).pathname, headers: new Headers(init.headers) };
    this.seen.push(request);
    const fate = this.fates.shift() ?? "answer";
    if (fate === "lose-request" || !this.online) {
      throw new TypeError("network");
    }
    if (fate === "hang") {
      return hang(init.signal);
    }
    if (typeof fate === "object") {
      return fateOf(fate);
    }
    const response = this.#serve(request);
    if (fate === "lose-answer") {
      throw new TypeError("network");
    }
    return response;
  }

  #serve({ method, path, headers }: Seen): Response {
    const keys = this.#keys;
    if (
      keys === undefined ||
      path.split("/")[3] !== formatId(keys.id) ||
      headers.get("Secret-Access") !== encodeBase64url(keys.access)
    ) {
      return problem(404, "not-found");
    }
    if (method === "GET") {
      return this.#status(keys);
    }
    const key = headers.get("Idempotency-Key") ?? "";
    return path.endsWith("/ack") ? this.#ack(key) : this.#read(keys, key, headers.get("Secret-Claim") ?? "");
  }

  #status(keys: Keys): Response {
    const over = this.#over();
    const state = this.held ? "held" : this.frozen || this.tries === 0 ? "frozen" : "live";
    const body = {
      id: formatId(keys.id),
      state,
      views_left: this.views,
      passphrase: keys.passphrase,
      header: "A".repeat(48),
      ...this.frozen,
    };
    return over ?? answer({ ...body, expires_at: "2096-10-02T07:06:40Z" });
  }

  #read(keys: Keys, key: string, claim: string): Response {
    const lease = this.#leases.has(key);
    const over = lease && !this.acked.has(key) ? undefined : this.#over();
    if (over) {
      return over;
    }
    if (this.held) {
      return problem(423, "held", { until: "2026-11-24T11:00:00Z" });
    }
    if (!lease && (this.frozen || this.tries === 0)) {
      return problem(423, "frozen", { at: "2026-11-24T10:05:00Z", reason: "passphrase", ...this.frozen });
    }
    if (claim !== encodeBase64url(keys.claim)) {
      this.tries--;
      return problem(403, "wrong-passphrase", { tries_left: this.tries });
    }
    if (!lease) {
      this.views--;
      this.#leases.add(key);
    }
    return answer({ envelope: this.#envelope, views_left: this.views, lease_ends_at: "2026-11-24T10:02:00Z" });
  }

  #ack(key: string): Response {
    if (!this.#leases.has(key)) {
      return problem(410, "gone");
    }
    this.acked.add(key);
    return new Response(null, { status: 204 });
  }

  #over(): Response | undefined {
    const reason = this.revoked ? "revoked" : this.views === 0 ? "read" : undefined;
    return reason && problem(410, "gone", { reason, at: "2026-11-24T10:05:00Z" });
  }
}

export function problem(
  status: number,
  slug: string,
  more: object = {},
  headers: Record<string, string> = {},
): Response {
  const type = "application/problem+json";
  return new Response(JSON.stringify({ type: `/problems/${slug}`, title: "…", status, ...more }), {
    status,
    headers: { "Content-Type": type, ...headers },
  });
}

export function answer(body: object): Response {
  return new Response(JSON.stringify(body), { headers: { "Content-Type": "application/json" } });
}

export function sha256(bytes: Bytes): string {
  return createHash("sha256").update(bytes).digest("hex");
}

function fateOf({ status, type, after }: Exclude<Fate, string>): Response {
  const headers = after === undefined ? {} : { "Retry-After": String(after) };
  return type === undefined ? new Response("<html>", { status, headers }) : problem(status, type, {}, headers);
}

function hang(signal: AbortSignal | null | undefined): Promise<Response> {
  return new Promise((_, reject) => {
    signal?.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
}
