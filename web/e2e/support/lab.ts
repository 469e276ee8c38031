/** Serves the code of the page without its screens, with the headers of the page. */
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join, normalize } from "node:path";
import { root } from "./handler.js";

type Headers = Readonly<Record<string, string>>;

const folder = join(root, "web", "e2e", ".build", "lab");
const types: Headers = { ".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8" };

export interface LabServer {
  readonly url: string;
  close(): void;
}

export async function serveLab(): Promise<LabServer> {
  const { all, paths } = JSON.parse(readFileSync(join(root, "web", "headers.json"), "utf8")) as { all: Headers; paths: Readonly<Record<string, Headers>> };
  const server = createServer((request, response) => {
    const path = normalize(new URL(request.url ?? "/", "http://lab").pathname);
    const file = path === "/" ? "/index.html" : path;
    const own = Object.entries(paths).find(([pattern]) => path.startsWith(pattern.replace("*", "")))?.[1];
    readFile(join(folder, file)).then(
      (bytes) => response.writeHead(200, { ...all, ...own, "Content-Type": types[extname(file)] ?? "application/octet-stream" }).end(bytes),
      () => response.writeHead(path === "/favicon.ico" ? 204 : 404).end(),
    );
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, close: () => server.close() };
}
