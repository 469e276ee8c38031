import type { Bytes } from "../../format/bytes.js";

/** The images that a page may show, by the bytes that they begin with: what a sender says of them does not count. */
export type Image = "image/png" | "image/jpeg" | "image/gif" | "image/webp";

/** Returns the kind of image that the bytes are, undefined when they are none that may be shown. */
export function imageOf(data: Bytes): Image | undefined {
  const begins = (text: string, at = 0): boolean => [...text].every((c, i) => data[at + i] === c.charCodeAt(0));
  if (begins("\x89PNG\r\n\x1a\n")) {
    return "image/png";
  }
  if (begins("\xff\xd8\xff")) {
    return "image/jpeg";
  }
  if (begins("GIF87a") || begins("GIF89a")) {
    return "image/gif";
  }
  return begins("RIFF") && begins("WEBP", 8) ? "image/webp" : undefined;
}
