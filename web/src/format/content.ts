import { type Bytes, fromUtf8, u32, u64, utf8, view, wellFormed } from "./bytes.js";
import { check, EnvelopeError } from "./errors.js";
import { padme } from "./padding.js";

/**
 * Describes the data. Name and media type, which only files have, come from the sender and are
 * not trusted: the name is no path, and the data may be of another type.
 */
export interface Meta {
  readonly type: "text" | "file";
  readonly name?: string;
  readonly media?: string;
}

const maxMeta = 4096; // bytes of JSON

/** Returns the padded plaintext: lengths, meta, data and padding. Throws meta when it is not valid. */
export function packContent(meta: Meta, data: Bytes): Bytes {
  const json = formatMeta(meta);
  const start = 4 + json.length + 8;
  const plain = new Uint8Array(padme(start + data.length));
  plain.set(u32(json.length));
  plain.set(json, 4);
  plain.set(u64(data.length), start - 8);
  plain.set(data, start);
  return plain;
}

/** Returns the size of a plaintext in bytes before padding. Throws meta when it is not valid. */
export function contentSize(meta: Meta, data: number): number {
  return 4 + formatMeta(meta).length + 8 + data;
}

/** Splits a padded plaintext; data is a copy. Throws content or padding. */
export function unpackContent(plain: Bytes): { meta: Meta; data: Bytes } {
  const numbers = view(plain);
  check(plain.length >= 4, "content");
  const length = numbers.getUint32(0);
  const start = 4 + length + 8;
  check(length <= maxMeta && start <= plain.length, "content");
  const size = numbers.getBigUint64(start - 8);
  check(size <= BigInt(plain.length - start), "content");
  const meta = parseMeta(plain.subarray(4, 4 + length));
  const end = start + Number(size);
  check(plain.length === padme(end), "padding");
  check(plain.subarray(end).every((byte) => byte === 0), "padding");
  return { meta, data: plain.slice(start, end) };
}

/** Returns the JSON of a meta, at most 4096 bytes. Throws meta. */
export function formatMeta(meta: Meta): Bytes {
  const { type, name, media } = meta;
  const json = JSON.stringify({ type, name: name || undefined, media: media || undefined });
  check(isMeta(meta) && isUnicode(name) && isUnicode(media), "meta");
  const bytes = utf8(json);
  check(bytes.length <= maxMeta, "meta");
  return bytes;
}

/** Reads the JSON of a meta. Ignores unknown members and leaves out empty ones. Throws content. */
export function parseMeta(bytes: Bytes): Meta {
  const { json, value } = parseJson(bytes);
  check(typeof value === "object" && value !== null && !Array.isArray(value), "content");
  const members = memberNames(json);
  check(new Set(members).size === members.length, "content");
  const [type, name, media] = ["type", "name", "media"].map((member) => textOf(value, member));
  const meta = { type, ...(name && { name }), ...(media && { media }) };
  check(isMeta(meta), "content");
  return meta;
}

function parseJson(bytes: Bytes): { json: string; value: unknown } {
  try {
    const json = fromUtf8(bytes);
    return { json, value: JSON.parse(json) };
  } catch {
    throw new EnvelopeError("content");
  }
}

/** Returns the names of an object's members in the order of its JSON, which is valid. JSON.parse keeps one of each name. */
function memberNames(json: string): readonly string[] {
  const names: string[] = [];
  let depth = 0;
  for (const [token, text, colon] of json.matchAll(/("(?:[^"\\]|\\.)*")(\s*:)?|[[\]{}]/gs)) {
    if (text === undefined) {
      depth += token === "{" || token === "[" ? 1 : -1;
    } else if (depth === 1 && colon !== undefined) {
      names.push(wellFormed(JSON.parse(text) as string));
    }
  }
  return names;
}

function textOf(value: object, member: string): string | undefined {
  if (!Object.hasOwn(value, member)) {
    return undefined;
  }
  const text: unknown = Reflect.get(value, member);
  check(typeof text === "string", "content");
  return wellFormed(text); // JSON can escape lone surrogates
}

function isMeta(meta: { type?: string | undefined; name?: string; media?: string }): meta is Meta {
  return meta.type === "file" || (meta.type === "text" && !meta.name && !meta.media);
}

function isUnicode(text = ""): boolean {
  return !/\p{Surrogate}/u.test(text);
}
