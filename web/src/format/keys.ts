import { type Bytes, concat, u32, utf8, wipe } from "./bytes.js";
import { EnvelopeError } from "./errors.js";
import { expand, extract } from "./hkdf.js";
import type { Link } from "./link.js";
import type { Argon2 } from "./argon2.js";

/** The keys derived from a link and a passphrase. The server sees id, access and claim. */
export interface Keys {
  /** 20 bytes, which identify the secret. */
  readonly id: Bytes;
  /** 32 bytes, the proof of having the link. */
  readonly access: Bytes;
  /** 32 bytes, the proof of having the link and the passphrase. */
  readonly claim: Bytes;
  /** 32 bytes, the encryption key. It never leaves the device. */
  readonly enc: Bytes;
  /** Whether there was a passphrase. */
  readonly passphrase: boolean;
}

const label = "secret-link/v1";

/** The default, so that only code that handles passphrases loads Argon2id. */
const noArgon2: Argon2 = () => Promise.reject(new EnvelopeError("passphrase"));

/**
 * Derives all keys. An empty passphrase means none. Throws passphrase when the format does not
 * allow it, or when there is one and argon2 is missing. Call wipeKeys when done.
 */
export async function deriveKeys(link: Link, passphrase = "", argon2: Argon2 = noArgon2): Promise<Keys> {
  const prk = await extract(utf8(label), link.key);
  const root = passphrase === "" ? prk : await mix(prk, passphrase, argon2);
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

/** Overwrites the keys but not the id, which is not secret. */
export function wipeKeys(keys: Keys): void {
  wipe(keys.access, keys.claim, keys.enc);
}

/** Derives the root key of a secret with a passphrase. */
async function mix(prk: Bytes, passphrase: string, argon2: Argon2): Promise<Bytes> {
  const pw = await argon2(passphrase, await derive(prk, "pw-salt", 16));
  const mixed = concat(await derive(prk, "pw-mix", 32), pw);
  const root = await extract(utf8(`${label} pw`), mixed);
  wipe(pw, mixed);
  return root;
}

function derive(prk: Bytes, name: string, size: number): Promise<Bytes> {
  return expand(prk, utf8(`${label} ${name}`), size);
}
