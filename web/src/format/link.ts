import { alphabet, decode, encode } from "./base32.js";
import { type Bytes, concat, equal, random, u32, utf8, view } from "./bytes.js";
import { check } from "./errors.js";
import { slotOf } from "./header.js";

/** The link that opens a secret. Whoever has it can read the secret: it must not be logged. */
export interface Link {
  /** The origin of the page, like https://secrets.example, in lower case. */
  readonly origin: string;
  /** K, 32 bytes: all other keys are derived from it. */
  readonly key: Bytes;
  /** The expiry in steps of 600 seconds since 1970 UTC, rounded down. */
  readonly slot: number;
}

/** The link that the sender keeps. It revokes the secret and shows its receipt, but cannot read it. */
export interface ManageLink {
  readonly origin: string;
  /** 20 bytes. */
  readonly id: Bytes;
  /** 32 bytes, the proof of having created the secret. */
  readonly manage: Bytes;
}

/** A kind of link: the path of its page, the number in its checksum, the size of its payload in bytes. */
interface Kind {
  readonly path: string;
  readonly number: number;
  readonly size: number;
}

const version = "1";
const readKind: Kind = { path: "/s", number: 1, size: 32 + 4 };
const manageKind: Kind = { path: "/m", number: 2, size: 20 + 32 };
const checksumSize = 3;
const originForm = /^https?:\/\/([a-z0-9._-]+|\[[0-9a-f:.]+\])(:[0-9]{1,5})?$/;

/** Makes a link with a new key. Expires is in seconds since 1970 UTC. Throws link-form or header-expiry. */
export function newLink(origin: string, expires: number): Link {
  return { origin: checkedOrigin(origin), key: random(32), slot: slotOf(expires) };
}

/** Makes the manage link of an id, with a new proof. Throws link-form. */
export function newManageLink(origin: string, id: Bytes): ManageLink {
  return { origin: checkedOrigin(origin), id, manage: random(32) };
}

/** Parses a link. Accepts spaces, hyphens, capitals, %23 for # and o, i, l for digits. Throws link-…. */
export async function parseLink(text: string): Promise<Link> {
  const { origin, payload } = await parse(text, readKind);
  return { origin, key: payload.slice(0, 32), slot: view(payload).getUint32(32) };
}

/** Parses a manage link, with the tolerance of parseLink. */
export async function parseManageLink(text: string): Promise<ManageLink> {
  const { origin, payload } = await parse(text, manageKind);
  return { origin, id: payload.slice(0, 20), manage: payload.slice(20) };
}

/** Formats a link. */
export async function formatLink(link: Link): Promise<string> {
  return format(link.origin, concat(link.key, u32(link.slot)), readKind);
}

/** Formats a manage link. */
export async function formatManageLink(link: ManageLink): Promise<string> {
  return format(link.origin, concat(link.id, link.manage), manageKind);
}

/** Formats an id as in the HTTP API, 32 characters. */
export function formatId(id: Bytes): string {
  return encode(id);
}

async function format(origin: string, payload: Bytes, kind: Kind): Promise<string> {
  const text = encode(concat(payload, await checksum(payload, kind)));
  return `${origin}${kind.path}#${version}${text}`;
}

async function parse(text: string, kind: Kind): Promise<{ origin: string; payload: Bytes }> {
  const { left, right } = normalize(text);
  check(left.endsWith(kind.path), "link-form");
  const origin = left.slice(0, -kind.path.length);
  check(originForm.test(origin), "link-form");
  check(right.startsWith(version), "link-version");
  const body = right.slice(version.length);
  check([...body].every((character) => alphabet.includes(character)), "link-alphabet");
  check(body.length === Math.ceil(((kind.size + checksumSize) * 8) / 5), "link-length");
  const { bytes, spare } = decode(body);
  const payload = bytes.slice(0, kind.size);
  check(equal(bytes.slice(kind.size), await checksum(payload, kind)), "link-checksum");
  check(spare === 0, "link-spare");
  return { origin, payload };
}

/** Splits a link at the # and undoes the changes that mail, chat and people make. Without a # the left part is empty. */
function normalize(text: string): { left: string; right: string } {
  const whole = text.replace(/\p{White_Space}/gu, "").replace("%23", "#");
  const hash = whole.indexOf("#");
  const right = lower(whole.slice(hash + 1).replaceAll("-", ""));
  return {
    left: lower(whole.slice(0, Math.max(hash, 0))),
    right: right.replaceAll("o", "0").replace(/[il]/g, "1"),
  };
}

/** Lowers A to Z only: toLowerCase would also turn the Kelvin sign into a k. */
function lower(text: string): string {
  return text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}

function checkedOrigin(text: string): string {
  const origin = lower(text);
  check(originForm.test(origin), "link-form");
  return origin;
}

async function checksum(payload: Bytes, kind: Kind): Promise<Bytes> {
  const input = concat(utf8("secret-link/v1 checksum"), Uint8Array.of(kind.number), payload);
  const hash = await crypto.subtle.digest("SHA-256", input);
  return new Uint8Array(hash).slice(0, checksumSize);
}
