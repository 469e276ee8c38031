/** The real binary, standalone, with its own port and data. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";

/** The root of the repository. The compiled file is in web/e2e/.build/e2e/support. */
export const root = fileURLToPath(new URL("../../../../../", import.meta.url));

/** SSS_* settings by name. */
export type Settings = Readonly<Record<string, string>>;

const patience = 20_000; // milliseconds for a start

export class Handler {
  #process: ChildProcess | undefined;
  #output = "";

  private constructor(
    readonly url: string,
    private readonly settings: Settings,
    private readonly data: string,
  ) {}

  /** Starts a handler and waits until it answers. */
  static async start(settings: Settings = {}): Promise<Handler> {
    const address = `127.0.0.1:${await freePort()}`;
    const data = mkdtempSync(join(tmpdir(), "page-e2e-"));
    const url = `http://${address}`;
    const all = { SSS_LISTEN: address, SSS_ORIGIN: url, SSS_DATA: data, SSS_RATE: "off", ...settings };
    const handler = new Handler(url, all, data);
    await handler.resume();
    return handler;
  }

  /** The value of Secret-Admin for operators. */
  get adminKey(): string {
    return readFileSync(join(this.data, "admin.key"), "utf8").trim();
  }

  /** Starts the handler, again on the same data. */
  async resume(): Promise<void> {
    const child = spawn(binary(), [], { env: { PATH: process.env["PATH"], ...this.settings } });
    this.#process = child;
    child.stdout.on("data", (text: Buffer) => (this.#output += text.toString()));
    child.stderr.on("data", (text: Buffer) => (this.#output += text.toString()));
    for (const end = Date.now() + patience; !(await answers(`${this.url}/api/health`)); await pause(20)) {
      if (child.exitCode !== null || Date.now() > end) {
        throw new Error(`the handler does not answer: ${this.#output}`);
      }
    }
  }

  /** Stops the handler as a service manager does, and keeps its data. */
  async pause(): Promise<void> {
    const child = this.#process;
    if (child && child.exitCode === null) {
      const ended = once(child, "exit");
      child.kill("SIGTERM");
      await ended;
    }
  }

  /** Stops the handler and deletes its data. */
  async stop(): Promise<void> {
    await this.pause();
    rmSync(this.data, { recursive: true, force: true });
  }
}

/** Returns the path in HANDLER, or the binary of make build. */
function binary(): string {
  const path = process.env["HANDLER"] ?? join(root, "dist", "handler");
  if (!existsSync(path)) {
    throw new Error(`${path} does not exist: run make build first, or set HANDLER to the binary.`);
  }
  return path;
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") {
    throw new Error("no port");
  }
  return address.port;
}

async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(url)).ok;
  } catch {
    return false;
  }
}
