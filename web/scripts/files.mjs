// The page's files as they are published, and their hashes.
import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join, relative, sep } from "node:path";

/** What the operator writes: it is no part of the page, and differs from one host to the next. */
export const operators = ["branding.json", "config.json"];

export const sha256 = (bytes) => createHash("sha256").update(bytes).digest("hex");

/** Returns the hash of each file below a folder by its path, with / on every system, in order. */
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
