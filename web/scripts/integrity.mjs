// Adds the hash (SRI) of each script and style to index.html, so that a browser runs no
// changed ones. This is the last step of the build.
import { createHash } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";

const dist = new URL("../dist/", import.meta.url);
const page = new URL("index.html", dist);

const hashOf = async (path) =>
  `sha384-${createHash("sha384").update(await readFile(new URL(`.${path}`, dist))).digest("base64")}`;

let text = await readFile(page, "utf8");
for (const [tag, path] of text.matchAll(/<(?:script|link)\b[^>]*\s(?:src|href)="(\/[^"]+\.(?:js|css))"[^>]*>/g)) {
  text = text.replace(tag, tag.replace(/>$/, ` integrity="${await hashOf(path)}">`));
}
await writeFile(page, text);
