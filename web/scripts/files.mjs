// The files of the page and their hashes.
import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join, relative, sep } from "node:path";

/** The files that the operator writes. They are not part of the page. */
export const operators = ["branding.json", "config.json"];

export const sha256 = (bytes) => createHash("sha256").update(bytes).digest("hex");

/** Returns the SHA-256 hashes of all files in a folder by path, sorted. Paths contain / on every system. */
export async function hashes(folder) {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && !entry.name.startsWith("."));
  const all = await Promise.all(
    files.map(async (entry) => {
      const path = join(entry.parentPath, entry.name);
      return [relative(folder, path).split(sep).join("/"), sha256(await readFile(path))];
    }),
  );
  return new Map(all.sort(([a], [b]) => (a < b ? -1 : 1)));
}
