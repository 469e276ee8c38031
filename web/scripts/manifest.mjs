// Prints the hashes of the page as it was built, as sha256sum does.
import { fileURLToPath } from "node:url";
import { hashes, operators } from "./files.mjs";

const folder = process.argv[2] ?? fileURLToPath(new URL("../dist", import.meta.url));
for (const [path, hash] of await hashes(folder)) {
  if (!operators.includes(path)) {
    console.log(`${hash}  ${path}`);
  }
}
