/** The format of the vectors, described in docs/envelope.md. */
import type { Bytes } from "../src/format/bytes.js";
import type { Meta } from "../src/format/content.js";

interface Named {
  readonly name: string;
  readonly error?: string;
}

export interface LinkVector extends Named {
  readonly kind: "read" | "manage";
  readonly input: string;
  readonly link: string;
  readonly origin: string;
  readonly key: string;
  readonly slot: number;
  readonly id: string;
  readonly manage: string;
}

interface Reader {
  readonly key: string;
  readonly slot: number;
  readonly passphrase: string;
}

export interface KeysVector extends Named, Reader {
  readonly id: string;
  readonly id_text: string;
  readonly access: string;
  readonly claim: string;
  readonly enc: string;
}

export interface HeaderVector extends Named {
  readonly header: string;
  readonly passphrase: boolean;
  readonly views: number;
  readonly expires: number;
  readonly id: string;
}

interface Edit {
  readonly at: number;
  readonly xor?: string;
  readonly remove?: number;
  readonly insert?: string;
  readonly from?: { readonly of: string; readonly at: number; readonly size: number };
}

export interface EnvelopeVector extends Named, Reader {
  readonly views: number;
  readonly expires: number;
  readonly meta: Meta;
  readonly data: { readonly repeat: string; readonly size: number };
  readonly size: number;
  readonly sha256: string;
  readonly salt?: string;
  readonly envelope?: string;
  readonly of?: string;
  readonly edits?: readonly Edit[];
}

export interface Vectors {
  readonly format: number;
  readonly links: readonly LinkVector[];
  readonly names: readonly { readonly name: string; readonly safe: string }[];
  readonly keys: readonly KeysVector[];
  readonly padme: readonly { readonly size: number; readonly padded: number }[];
  readonly sizes: readonly { readonly size: number; readonly error?: string }[];
  readonly headers: readonly HeaderVector[];
  readonly envelopes: readonly EnvelopeVector[];
}

export function unhex(text: string): Bytes {
  return Uint8Array.from(text.match(/../g) ?? [], (pair) => parseInt(pair, 16));
}

export function hex(bytes: Bytes): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Returns the data of a vector. */
export function dataOf(data: EnvelopeVector["data"]): Bytes {
  const repeat = unhex(data.repeat);
  return Uint8Array.from({ length: data.size }, (_, i) => repeat[i % repeat.length] ?? 0);
}

/** Applies an edit. Whole returns the unchanged envelope of a vector by its name. */
export function edited(bytes: Bytes, edit: Edit, whole: (name: string) => Bytes): Bytes {
  if (edit.xor !== undefined) {
    const changed = bytes.slice();
    unhex(edit.xor).forEach((mask, i) => (changed[edit.at + i]! ^= mask));
    return changed;
  }
  const { from, at, remove = 0 } = edit;
  const put = from ? whole(from.of).slice(from.at, from.at + from.size) : unhex(edit.insert ?? "");
  return new Uint8Array([...bytes.subarray(0, at), ...put, ...bytes.subarray(at + remove)]);
}
