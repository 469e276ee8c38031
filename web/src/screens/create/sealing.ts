import type { Draft } from "../../api/index.js";
import { type Bytes, wipe } from "../../format/bytes.js";
import type { Meta } from "../../format/content.js";
import { seal } from "../../format/envelope.js";
import { deriveKeys, wipeKeys } from "../../format/keys.js";
import { formatLink, formatManageLink, newLink, newManageLink } from "../../format/link.js";
import type { Argon2 } from "../../format/argon2.js";

/** The content and the terms of a new secret. */
export interface Order {
  readonly meta: Meta;
  readonly data: Bytes;
  /** The lifetime in seconds. */
  readonly ttl: number;
  readonly views: number;
  /** Empty means none. */
  readonly passphrase: string;
}

/** What the sender receives. */
export interface Made {
  readonly link: string;
  readonly manageLink: string;
  /** In seconds since 1970 UTC. */
  readonly expires: number;
  readonly views: number;
  readonly passphrase: string;
}

/** A sealed secret. Only the draft is sent to the server. */
export interface Sealed {
  readonly draft: Draft;
  readonly made: Made;
}

/**
 * Seals an order and wipes its data. Origin is that of the page: the server must not choose whose
 * page gets the key of a link. Now is the server's time in seconds since 1970 UTC. Rejects with
 * EnvelopeError, or with the error of argon2.
 */
export async function sealOrder(order: Order, origin: string, now: number, argon2: Argon2): Promise<Sealed> {
  const { ttl, views, passphrase } = order;
  const expires = Math.floor(now) + ttl;
  const link = newLink(origin, expires);
  const keys = await deriveKeys(link, passphrase, argon2);
  const manage = newManageLink(origin, keys.id);
  const draft = {
    envelope: await seal(keys, { views, expires }, order.meta, order.data),
    access_hash: await hash(keys.access),
    claim_hash: await hash(keys.claim),
    manage_hash: await hash(manage.manage),
  };
  const made = { link: await formatLink(link), manageLink: await formatManageLink(manage), expires, views, passphrase };
  wipeKeys(keys);
  wipe(link.key, manage.manage, order.data);
  return { draft, made };
}

async function hash(proof: Bytes): Promise<Bytes> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", proof));
}
