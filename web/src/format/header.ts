import { type Bytes, concat, u64, utf8, view } from "./bytes.js";
import { check } from "./errors.js";

/** The length of a header in bytes. */
export const headerSize = 36;

/** The unencrypted part of an envelope. */
export interface Header {
  /** Whether a passphrase is needed. */
  readonly passphrase: boolean;
  /** How often the secret may be read, 1 to 100. */
  readonly views: number;
  /** The time of expiry in whole seconds since 1970 UTC, in the slot of the id. */
  readonly expires: number;
  /** 20 bytes. */
  readonly id: Bytes;
}

const slotSeconds = 600;

/** Returns the slot of a time in whole seconds. Throws header-expiry when the time is out of range. */
export function slotOf(expires: number): number {
  const slot = Math.floor(expires / slotSeconds);
  check(Number.isSafeInteger(expires) && slot >= 0 && slot < 2 ** 32, "header-expiry");
  return slot;
}

/** Encodes a header. Throws header-… when it is not valid. */
export function formatHeader(header: Header): Bytes {
  const flag = header.passphrase ? 1 : 0;
  check(Number.isInteger(header.views) && header.views >= 1 && header.views <= 100, "header-views");
  slotOf(header.expires);
  const fixed = Uint8Array.of(1, flag, flag, header.views, 0);
  const bytes = concat(utf8("SEC"), fixed, u64(header.expires), header.id);
  parseHeader(bytes);
  return bytes;
}

/** Decodes the header at the start of bytes. Throws truncated, or header-… for the first invalid field. */
export function parseHeader(bytes: Bytes): Header {
  check(bytes.length >= headerSize, "truncated");
  const fields = view(bytes);
  const flags = fields.getUint8(4);
  const views = fields.getUint8(6);
  const expiry = fields.getBigUint64(8);
  check(String.fromCharCode(...bytes.subarray(0, 3)) === "SEC", "header-magic");
  check(fields.getUint8(3) === 1, "header-version");
  check(flags <= 1, "header-flags");
  check(fields.getUint8(5) === flags, "header-profile");
  check(views >= 1 && views <= 100, "header-views");
  check(fields.getUint8(7) === 0, "header-reserved");
  check(expiry / BigInt(slotSeconds) === BigInt(fields.getUint32(16)), "header-expiry");
  return { passphrase: flags === 1, views, expires: Number(expiry), id: bytes.slice(16, headerSize) };
}
