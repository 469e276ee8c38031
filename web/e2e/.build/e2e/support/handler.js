/** The real binary, alone on a port of its own, with data of its own. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
/** The root of the tree; the compiled file lies in web/e2e/.build/e2e/support. */
export const root = fileURLToPath(new URL("../../../../../", import.meta.url));
const patience = 20_000; // milliseconds for a start
export class Handler {
    url;
    settings;
    data;
    #process;
    #said = "";
    constructor(url, settings, data) {
        this.url = url;
        this.settings = settings;
        this.data = data;
    }
    /** Starts one and waits until it answers. */
    static async start(settings = {}) {
        const address = `127.0.0.1:${await freePort()}`;
        const data = mkdtempSync(join(tmpdir(), "page-e2e-"));
        const url = `http://${address}`;
        const all = { SSS_LISTEN: address, SSS_ORIGIN: url, SSS_DATA: data, SSS_RATE: "off", ...settings };
        const handler = new Handler(url, all, data);
        await handler.resume();
        return handler;
    }
    /** What operators show in Secret-Admin. */
    get adminKey() {
        return readFileSync(join(this.data, "admin.key"), "utf8").trim();
    }
    /** Starts it again on the same data. */
    async resume() {
        const child = spawn(binary(), [], { env: { PATH: process.env["PATH"], ...this.settings } });
        this.#process = child;
        child.stdout.on("data", (text) => (this.#said += text.toString()));
        child.stderr.on("data", (text) => (this.#said += text.toString()));
        for (const end = Date.now() + patience; !(await answers(`${this.url}/api/health`)); await pause(20)) {
            if (child.exitCode !== null || Date.now() > end) {
                throw new Error(`the handler does not answer: ${this.#said}`);
            }
        }
    }
    /** Ends it as a service manager does, and keeps its data. */
    async pause() {
        const child = this.#process;
        if (child && child.exitCode === null) {
            const ended = once(child, "exit");
            child.kill("SIGTERM");
            await ended;
        }
    }
    async stop() {
        await this.pause();
        rmSync(this.data, { recursive: true, force: true });
    }
}
/** Returns $HANDLER, else what make build has laid out. */
function binary() {
    const path = process.env["HANDLER"] ?? join(root, "dist", "handler");
    if (!existsSync(path)) {
        throw new Error(`There is no ${path}: run make build first, or name the binary in HANDLER.`);
    }
    return path;
}
export async function freePort() {
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
async function answers(url) {
    try {
        return (await fetch(url)).ok;
    }
    catch {
        return false;
    }
}
