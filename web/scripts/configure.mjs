// Prepares a folder with the page for static hosting. See docs/page.md.
import { cp, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { dirname, extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { headersByPath, headersOfAll } from "./headers.mjs";

const usage = `usage: node web/scripts/configure.mjs [options] FOLDER
  --api ORIGIN         origin of the API; default: the origin of the page
  --branding FILE      branding file, as in SSS_BRANDING
  --contact ADDRESS    contact in security.txt, https: or mailto:; default: security_contact of the branding
  --front-door ID      id of the Front Door; Static Web Apps then rejects requests from elsewhere
  --blobs              also write s, m and mine, for a storage account
  --page FOLDER        built page; default: web/dist
`;
const screens = ["s", "m", "mine"];
const limit = 20 * 1024; // bytes, the limit of Static Web Apps
const year = 365 * 24 * 3600 * 1000;

async function main() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      api: { type: "string", default: "" },
      branding: { type: "string" },
      contact: { type: "string" },
      "front-door": { type: "string" },
      blobs: { type: "boolean", default: false },
      page: { type: "string", default: fileURLToPath(new URL("../dist", import.meta.url)) },
    },
  });
  const [folder] = positionals;
  if (folder === undefined || positionals.length > 1) {
    throw new TypeError(usage);
  }
  checkOrigin(values.api);
  const gateway = gatewayOf(values["front-door"]);
  await copyPage(values.page, folder);
  await writeJson(join(folder, "config.json"), { api: values.api });
  const contact = values.contact ?? (values.branding && (await brand(values.branding, folder)));
  if (contact) {
    await writeContact(folder, contact);
  }
  if (values.blobs) {
    await Promise.all(screens.map((name) => cp(join(folder, "index.html"), join(folder, name))));
  }
  await writeJson(join(folder, "staticwebapp.config.json"), { ...staticWebApp(values.api), ...gateway });
}

function checkOrigin(api) {
  if (api !== "" && !/^(https:\/\/[a-z0-9.-]+|http:\/\/(localhost|127\.0\.0\.1))(:[0-9]{1,5})?$/.test(api)) {
    throw new TypeError("--api: must be an origin such as https://api.example.com");
  }
}

function gatewayOf(id) {
  if (id !== undefined && !/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id)) {
    throw new TypeError("--front-door: must be an id such as 692a448c-2b5d-4e4d-9fcc-2bc4a6e2335f");
  }
  return id && { forwardingGateway: { requiredHeaders: { "X-Azure-FDID": id } } };
}

async function copyPage(page, folder) {
  await mkdir(folder, { recursive: true });
  if ((await readdir(folder)).length > 0) {
    throw new TypeError(`${folder} is not empty`);
  }
  await readFile(join(page, "index.html")).catch(() => {
    throw new TypeError(`${page} contains no page: run make build`);
  });
  const hidden = join(page, ".keep");
  await cp(page, folder, { recursive: true, filter: (path) => path !== hidden });
}

/** Writes the branding for the page, and its logo. Returns the security contact. */
async function brand(path, folder) {
  const { default_language: language, security_contact: contact, logo, ...shown } = JSON.parse(await readFile(path, "utf8"));
  const place = logo && `/branding/logo${extname(logo).toLowerCase()}`;
  if (logo) {
    await cp(join(dirname(path), logo), join(folder, place));
  }
  await writeJson(join(folder, "branding.json"), { ...shown, logo: place, language });
  return contact;
}

async function writeContact(folder, contact) {
  if (!/^(https|mailto):\S+$/.test(contact)) {
    throw new TypeError("--contact: must begin with https: or mailto:");
  }
  const expires = new Date(Date.now() + year).toISOString().replace(/T.*/, "T00:00:00Z");
  await mkdir(join(folder, ".well-known"));
  await writeFile(join(folder, ".well-known", "security.txt"), `Contact: ${contact}\nExpires: ${expires}\n`);
}

/** Answers with the page for unknown paths, too, because it accepts links whose # was escaped as %23. */
function staticWebApp(api) {
  const config = {
    globalHeaders: headersOfAll(api),
    routes: [
      ...screens.map((name) => ({ route: `/${name}`, rewrite: "/index.html" })),
      ...Object.entries(headersByPath()).map(([route, headers]) => ({ route, headers })),
    ],
    responseOverrides: { 404: { rewrite: "/index.html" } },
  };
  if (JSON.stringify(config, null, 2).length > limit) {
    throw new RangeError("staticwebapp.config.json is larger than the limit of Static Web Apps");
  }
  return config;
}

const writeJson = (path, value) => writeFile(path, `${JSON.stringify(value, null, 2)}\n`);

main().catch((error) => {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
  process.exitCode = 1;
});
