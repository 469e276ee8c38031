import { type Bytes, utf8, wellFormed } from "../../format/bytes.js";
import { contentSize, type Meta } from "../../format/content.js";
import { envelopeSize, padme } from "../../format/padding.js";

/** The content of the form. */
export interface Content {
  readonly text: string;
  /** Sent instead of the text. */
  readonly file?: File | undefined;
}

/** Returns the meta of the envelope. Names are cut to the limit of file systems, and lone surrogates replaced. */
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

/** The file is a folder, or was moved or changed after it was chosen. */
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

/** Returns how many bytes of data fit into an envelope of at most maxEnvelope bytes, with the given meta. */
export function room(maxEnvelope: number, meta: Meta): number {
  return Math.max(largestPlain(maxEnvelope) - contentSize(meta, 0), 0);
}

/** Returns the size of the largest plaintext whose padded envelope has at most maxEnvelope bytes, 0 when there is none. */
function largestPlain(maxEnvelope: number): number {
  let fits = 0;
  let over = maxEnvelope + 1;
  while (over - fits > 1) {
    const middle = Math.floor((fits + over) / 2);
    if (envelopeSize(padme(middle)) <= maxEnvelope) {
      fits = middle;
    } else {
      over = middle;
    }
  }
  return fits;
}
