// Compares the page of a server with a manifest, file by file. docs/verify.md explains what that proves.
import { readFile } from "node:fs/promises";
import { sha256 } from "./files.mjs";
import { headersOf } from "./headers.mjs";

const usage = "usage: node web/scripts/verify.mjs ORIGIN MANIFEST\n       MANIFEST is the output of web/scripts/manifest.mjs\n";

let different = 0;

/** Prints a text without control characters, because it comes from the server. */
const print = (text) => console.log(text.replace(/[^\x20-\x7e]/g, "?"));

function report(same, what, why = "") {
  different += same ? 0 : 1;
  print(`${same ? "ok       " : "DIFFERENT"}  ${what}${same ? "" : `  ${why}`}`);
}

async function main(origin, manifest) {
  const api = await reportOperator(origin);
  await compareOrigin(origin, api);
  for (const line of (await readFile(manifest, "utf8")).trim().split("\n")) {
    const [hash = "", path = ""] = line.split("  ");
    const places = path === "index.html" ? ["/", "/s", "/m", "/mine"] : [`/${path}`];
    for (const place of places) {
      await compare(origin, place, hash, api);
    }
  }
  console.log(different === 0 ? "The page is the one in the manifest." : `${different} different`);
  process.exitCode = different === 0 ? 0 : 1;
}

/** Compares the origin that the API names for links with that of the page. */
async function compareOrigin(origin, api) {
  const named = (await json(api || origin, "/api/config"))?.origin;
  const why = named ? `the API sends readers to ${named}, which is not this page` : "the API does not say where links lead";
  report(named === new URL(origin).origin, "/api/config origin", why);
}

async function compare(origin, place, hash, api) {
  const response = await get(origin, place);
  const found = sha256(new Uint8Array(await response.arrayBuffer()));
  report(response.status === 200 && found === hash, place, `status ${response.status}, SHA-256 ${found}`);
  if (place !== "/" && !place.startsWith("/worker/")) {
    return;
  }
  for (const [name, value] of Object.entries(headersOf(place, api))) {
    const got = response.headers.get(name);
    const plain = name === "Strict-Transport-Security" && origin.startsWith("http:");
    report(plain || got === value, `${place} ${name}`, got ?? "missing");
  }
}

/** Prints the files of the operator. Returns the origin of the API. */
async function reportOperator(origin) {
  const [config, branding] = await Promise.all(["/config.json", "/branding.json"].map((path) => json(origin, path)));
  const api = typeof config?.api === "string" ? config.api : "";
  print(`operator   the API is at ${api || "the page's own origin"}`);
  print(`operator   branding ${JSON.stringify(branding ?? {})}`);
  return api;
}

async function json(origin, path) {
  const response = await get(origin, path);
  return response.ok ? response.json().catch(() => undefined) : undefined;
}

/** Fetches a file without a cache. A redirect counts as a difference. */
const get = (origin, path) => fetch(`${origin}${path}`, { redirect: "manual", cache: "no-store" });

const [origin = "", manifest, ...more] = process.argv.slice(2);
if (!/^https?:\/\/[^/]+$/.test(origin) || manifest === undefined || more.length > 0) {
  process.stderr.write(usage);
  process.exitCode = 2;
} else {
  main(origin, manifest).catch((error) => {
    process.stderr.write(`${error.message}${error.cause ? `: ${error.cause.message}` : ""}\n`);
    process.exitCode = 1;
  });
}
