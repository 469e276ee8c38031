// Builds the page in two folders, with different names, time zones and languages, and compares every byte.
import { execFile } from "node:child_process";
import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { hashes } from "./files.mjs";

const web = fileURLToPath(new URL("..", import.meta.url));
const excluded = new Set([".build", "dist", "e2e"].map((name) => join(web, name)));

async function build(folder, environment) {
  await cp(web, folder, { recursive: true, verbatimSymlinks: true, filter: (path) => !excluded.has(path) });
  await promisify(execFile)("npm", ["run", "build"], { cwd: folder, env: { ...process.env, ...environment } });
  return hashes(join(folder, "dist"));
}

const parent = await mkdtemp(join(tmpdir(), "page-"));
try {
  const one = await build(join(parent, "one"), { TZ: "UTC", LANG: "C" });
  const two = await build(join(parent, "two", "further below"), { TZ: "Asia/Tokyo", LANG: "de_DE.UTF-8" });
  const different = [...new Set([...one.keys(), ...two.keys()])].filter((path) => one.get(path) !== two.get(path));
  if (one.size < 5 || different.length > 0) {
    throw new Error(`${one.size} files, different: ${different.join(", ") || "none"}`);
  }
  console.log(`two builds in two folders: ${one.size} files, the same bytes`);
} finally {
  await rm(parent, { recursive: true, force: true });
}
