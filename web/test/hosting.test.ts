import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const scripts = fileURLToPath(new URL("../../scripts/", import.meta.url));
const room = await mkdtemp(join(tmpdir(), "hosting-"));
after(() => rm(room, { recursive: true }));

const page = {
  "index.html": "<!doctype html>",
  "assets/a-1.js": "a",
  "worker/b-2.js": "b",
  "robots.txt": "r",
  "config.json": '{"api": ""}',
  "branding.json": "{}",
};
const branding = { name: "ACME", logo: "in.SVG", accent: { light: "#14532d", dark: "#86efac" }, default_language: "de", security_contact: "mailto:s@acme.example" };

interface Ran {
  readonly code: number;
  readonly out: string;
}

async function run(script: string, ...args: readonly string[]): Promise<Ran> {
  try {
    const { stdout } = await promisify(execFile)(process.execPath, [join(scripts, script), ...args]);
    return { code: 0, out: stdout };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { code, out: stdout + stderr };
  }
}

async function write(folder: string, files: Readonly<Record<string, string>>): Promise<string> {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(room, folder, path)), { recursive: true });
    await writeFile(join(room, folder, path), text);
  }
  return join(room, folder);
}

const parse = async (...path: readonly string[]): Promise<unknown> => JSON.parse(await readFile(join(...path), "utf8"));

test("configure.mjs writes the page, its API, branding, contact and headers", async () => {
  const built = await write("built", { ...page, ".keep": "" });
  const brand = join(await write("brand", { "branding.json": JSON.stringify(branding), "in.SVG": "<svg/>" }), "branding.json");
  const site = join(room, "site");
  assert.deepEqual(await run("configure.mjs", "--page", built, "--api", "https://api.acme.example", "--branding", brand, "--blobs", site), { code: 0, out: "" });
  assert.deepEqual((await readdir(site)).sort(), [
    ".well-known", "assets", "branding", "branding.json", "config.json", "index.html", "m", "mine", "robots.txt", "s", "staticwebapp.config.json", "worker",
  ]);
  assert.deepEqual(await parse(site, "config.json"), { api: "https://api.acme.example" });
  assert.deepEqual(await parse(site, "branding.json"), { name: "ACME", accent: branding.accent, logo: "/branding/logo.svg", language: "de" });
  assert.equal(await readFile(join(site, "branding/logo.svg"), "utf8"), "<svg/>");
  assert.equal(await readFile(join(site, "s"), "utf8"), page["index.html"]);
  const [, contact, expires = ""] = /^Contact: (.*)\nExpires: (.*)\n$/.exec(await readFile(join(site, ".well-known/security.txt"), "utf8")) ?? [];
  const days = (Date.parse(expires) - Date.now()) / 86_400_000;
  assert.ok(contact === branding.security_contact && days > 300 && days < 366, `${contact} ${expires}`);
});

test("the configuration of Static Web Apps has the headers of headers.json, the API in the policy and a rewrite for each screen", async () => {
  const site = join(room, "plain");
  const id = "692a448c-2b5d-4e4d-9fcc-2bc4a6e2335f";
  await run("configure.mjs", "--page", await write("built", page), "--api", "https://api.acme.example:8443", "--front-door", id, site);
  const config = (await parse(site, "staticwebapp.config.json")) as {
    globalHeaders: Record<string, string>;
    forwardingGateway: unknown;
    routes: { route: string; rewrite?: string; headers?: Record<string, string> }[];
  };
  const { all, https, paths } = (await parse(scripts, "../headers.json")) as Record<string, Record<string, string>>;
  const policy = "Content-Security-Policy";
  const own = all?.[policy] ?? "";
  assert.deepEqual(config.globalHeaders, { ...all, ...https, [policy]: own.replace("connect-src 'self';", "connect-src 'self' https://api.acme.example:8443;") });
  assert.deepEqual(config.forwardingGateway, { requiredHeaders: { "X-Azure-FDID": id } });
  assert.notEqual(config.globalHeaders[policy], own);
  assert.deepEqual(Object.fromEntries(config.routes.flatMap(({ route, headers }) => (headers ? [[route, headers]] : []))), paths);
  assert.deepEqual(config.routes.flatMap(({ route, rewrite }) => (rewrite === "/index.html" ? [route] : [])), ["/s", "/m", "/mine"]);
  assert.ok((await readdir(site)).every((name) => name !== "s" && name !== ".well-known"));
});

test("invalid arguments are refused, and no file is overwritten", async () => {
  const built = await write("built", page);
  for (const api of ["api.acme.example", "http://api.acme.example", "https://api.acme.example/", "https://a.example;script-src *", "*"]) {
    const { code, out } = await run("configure.mjs", "--page", built, "--api", api, join(room, "refused"));
    assert.ok(code === 1 && out.startsWith("--api: "), out);
  }
  for (const [message, ...args] of [
    ["is not empty", "--page", built, await write("full", { "x.txt": "x" })],
    ["make build", "--page", await write("none", { "x.txt": "x" }), join(room, "new")],
    ["--front-door: ", "--front-door", "x", join(room, "door")],
    ["usage: "],
    ["usage: ", "a", "b"],
    ["--nothing", "--nothing", "a"],
    ["https: or mailto:", "--page", built, "--contact", "me", join(room, "contact")],
  ] as const) {
    const { code, out } = await run("configure.mjs", ...args);
    assert.ok(code === 1 && out.includes(message), out);
  }
});

/** Serves the page like static hosting. The test can change headers and bodies. */
async function serve(change: (path: string, headers: Record<string, string>) => string | undefined): Promise<Server> {
  const { all, paths } = (await parse(scripts, "../headers.json")) as Record<"all" | "paths", Record<string, string>>;
  const server = createServer((request, response) => {
    const path = request.url === "/" || /^\/(s|m|mine)$/.test(request.url ?? "") ? "/index.html" : (request.url ?? "");
    const own = Object.entries(paths).find(([pattern]) => path.startsWith(pattern.replace("*", "")))?.[1];
    const headers: Record<string, string> = Object.assign({}, all, own);
    const files: Record<string, string> = { ...page, "api/config": JSON.stringify({ origin: `http://${request.headers.host}` }) };
    const body = change(request.url ?? "", headers) ?? files[path.slice(1)];
    response.writeHead(body === undefined ? 404 : 200, headers).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return server;
}

test("verify finds every difference from the manifest", async () => {
  const manifest = join(room, "page.sha256");
  await writeFile(manifest, (await run("manifest.mjs", await write("built", page))).out);
  for (const [wrong, change] of [
    [[], () => undefined],
    [["/assets/a-1.js"], (path) => (path === "/assets/a-1.js" ? "b" : undefined)],
    [["/m"], (path) => (path === "/m" ? "<!doctype html><script>" : undefined)],
    [["/robots.txt"], (path, headers) => (path === "/robots.txt" ? ((headers["Location"] = "/x"), "") : undefined)],
    [["/ Content-Security-Policy"], (path, headers) => (path === "/" ? void (headers["Content-Security-Policy"] += " 'unsafe-inline'") : undefined)],
    [["/worker/b-2.js Cross-Origin-Embedder-Policy"], (path, headers) => (path.startsWith("/worker/") ? void delete headers["Cross-Origin-Embedder-Policy"] : undefined)],
    [["/api/config origin"], (path) => (path === "/api/config" ? '{"origin": "https://secrets.examp1e.com"}' : undefined)],
    [["/api/config origin"], (path) => (path === "/api/config" ? "{}" : undefined)],
    [[], (path) => (path === "/branding.json" ? '{"name": "ACME"}' : undefined)],
  ] as [string[], (path: string, headers: Record<string, string>) => string | undefined][]) {
    const server = await serve(change);
    const { port } = server.address() as { port: number };
    const { code, out } = await run("verify.mjs", `http://127.0.0.1:${port}`, manifest);
    server.close();
    assert.deepEqual([...out.matchAll(/^DIFFERENT +(.*?)  /gm)].map((match) => match[1]), wrong, out);
    assert.equal(code, wrong.length === 0 ? 0 : 1, out);
  }
  assert.equal((await run("verify.mjs", "http://127.0.0.1:1", manifest)).code, 1);
  assert.equal((await run("verify.mjs", "secrets.example", manifest)).code, 2);
});
