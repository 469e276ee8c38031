import { type Bytes, utf8 } from "../../format/bytes.js";
import type { Meta } from "../../format/content.js";

/** What was put into the field. */
export interface Content {
  readonly text: string;
  /** Sent instead of the text. */
  readonly file?: File | undefined;
}

/** Returns what the envelope says of it. Names are cut to what a file system takes, and halves of characters replaced. */
export function metaOf({ file }: Content): Meta {
  if (file === undefined) {
    return { type: "text" };
  }
  const name = wellFormed(file.name).slice(-255);
  const media = /^[\w.+-]+\/[\w.+-]+$/.test(file.type) ? file.type : "";
  return { type: "file", ...(name && { name: wellFormed(name) }), ...(media && { media }) };
}

/** Returns the size of the data in bytes. */
export function sizeOf({ text, file }: Content): number {
  return file === undefined ? utf8(text).length : file.size;
}

/** The file is a folder, or was moved or changed since it was chosen. */
export class Unreadable extends Error {
  override readonly name = "Unreadable";
}

/** Returns the data. Rejects with Unreadable. */
export async function dataOf({ text, file }: Content): Promise<Bytes> {
  if (file === undefined) {
    return utf8(text);
  }
  try {
    return new Uint8Array(await file.arrayBuffer());
  } catch {
    throw new Unreadable();
  }
}

export function isEmpty({ text, file }: Content): boolean {
  return file === undefined && text === "";
}

function wellFormed(text: string): string {
  return new TextDecoder().decode(utf8(text));
}
