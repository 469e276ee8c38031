import { type Bytes, concat, u32, utf8, wipe } from "./bytes.js";
import { check, EnvelopeError } from "./errors.js";
import { expand, extract } from "./hkdf.js";
import type { Link } from "./link.js";
import type { Stretch } from "../stretch.js";

/** What is derived from a link and a passphrase. Id, access and claim are for the server. */
export interface Keys {
  /** 20 bytes, the name of the secret. */
  readonly id: Bytes;
  /** 32 bytes that prove that one holds the link. */
  readonly access: Bytes;
  /** 32 bytes that prove that one holds the link and knows the passphrase. */
  readonly claim: Bytes;
  /** 32 bytes that encrypt; they never leave the device. */
  readonly enc: Bytes;
  /** Whether there was a passphrase. */
  readonly passphrase: boolean;
}

const label = "secret-link/v1";

/** The default: Argon2id is loaded only by who needs it. */
const noStretch: Stretch = () => Promise.reject(new EnvelopeError("passphrase"));

/**
 * Derives all keys; an empty passphrase is none. A passphrase is taken in Unicode's form NFC
 * and otherwise as it is. Throws passphrase when it is not valid Unicode, or when there is one
 * and no stretch. Call wipeKeys when done.
 */
export async function deriveKeys(link: Link, passphrase = "", stretch: Stretch = noStretch): Promise<Keys> {
  check(!/\p{Surrogate}/u.test(passphrase), "passphrase");
  const prk = await extract(utf8(label), link.key);
  const root = passphrase === "" ? prk : await mix(prk, passphrase, stretch);
  const keys = {
    id: concat(u32(link.slot), await derive(prk, "id", 16)),
    access: await derive(prk, "access", 32),
    claim: await derive(root, "claim", 32),
    enc: await derive(root, "enc", 32),
    passphrase: passphrase !== "",
  };
  wipe(prk, root);
  return keys;
}

/** Overwrites the keys, which are of no use afterwards. The id, no secret, stays. */
export function wipeKeys(keys: Keys): void {
  wipe(keys.access, keys.claim, keys.enc);
}

/** Returns the root key of a secret with a passphrase. */
async function mix(prk: Bytes, passphrase: string, stretch: Stretch): Promise<Bytes> {
  const normal = utf8(passphrase.normalize("NFC"));
  const pw = await stretch(normal, await derive(prk, "pw-salt", 16));
  const mixed = concat(await derive(prk, "pw-mix", 32), pw);
  const root = await extract(utf8(`${label} pw`), mixed);
  wipe(normal, pw, mixed);
  return root;
}

function derive(prk: Bytes, name: string, size: number): Promise<Bytes> {
  return expand(prk, utf8(`${label} ${name}`), size);
}
