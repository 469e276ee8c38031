import type { Bytes } from "../format/bytes.js";

const block = 8190; // bytes encoded at once: a multiple of 3, and few enough to pass as arguments

/** Encodes bytes as base64url (RFC 4648, section 5) without padding. */
export function encodeBase64url(bytes: Bytes): string {
  let text = "";
  for (let i = 0; i < bytes.length; i += block) {
    text += btoa(String.fromCharCode(...bytes.subarray(i, i + block)));
  }
  return text.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/** Decodes base64url without padding. Returns undefined when the text is not valid. */
export function decodeBase64url(text: string): Bytes | undefined {
  if (!/^[A-Za-z0-9_-]*$/.test(text) || text.length % 4 === 1) {
    return undefined;
  }
  const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; i++) {
    bytes[i] = binary.charCodeAt(i);
  }
  return bytes;
}
