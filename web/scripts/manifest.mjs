// Prints the hashes of the built page in the format of sha256sum.
import { fileURLToPath } from "node:url";
import { hashes, operators } from "./files.mjs";

const folder = process.argv[2] ?? fileURLToPath(new URL("../dist", import.meta.url));
for (const [path, hash] of await hashes(folder)) {
  if (!operators.includes(path)) {
    console.log(`${hash}  ${path}`);
  }
}
