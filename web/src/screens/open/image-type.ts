import type { Bytes } from "../../format/bytes.js";

/** The types of images that may be shown. */
export type ImageType = "image/png" | "image/jpeg" | "image/gif" | "image/webp";

/** Returns the type of an image by its first bytes, not by the sender's claim. Undefined if it must not be shown. */
export function imageTypeOf(data: Bytes): ImageType | undefined {
  const startsWith = (text: string, at = 0): boolean => [...text].every((c, i) => data[at + i] === c.charCodeAt(0));
  if (startsWith("\x89PNG\r\n\x1a\n")) {
    return "image/png";
  }
  if (startsWith("\xff\xd8\xff")) {
    return "image/jpeg";
  }
  if (startsWith("GIF87a") || startsWith("GIF89a")) {
    return "image/gif";
  }
  return startsWith("RIFF") && startsWith("WEBP", 8) ? "image/webp" : undefined;
}
