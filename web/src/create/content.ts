import { type Bytes, utf8 } from "../bytes.js";
import type { Meta } from "../content.js";

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

/** Returns the bytes of data. Counts them without keeping them. */
export function sizeOf({ text, file }: Content): number {
  return file === undefined ? utf8(text).length : file.size;
}

/** Returns the data. Rejects when the file cannot be read any more, or is a folder. */
export async function dataOf({ text, file }: Content): Promise<Bytes> {
  return file === undefined ? utf8(text) : new Uint8Array(await file.arrayBuffer());
}

export function isEmpty({ text, file }: Content): boolean {
  return file === undefined && text === "";
}

function wellFormed(text: string): string {
  return new TextDecoder().decode(utf8(text));
}
