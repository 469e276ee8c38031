/** Finds and starts the browser that the machine has: none is downloaded. */
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { type Browser, chromium } from "playwright-core";

/** What keeps it from doing anything but what the tests ask for. */
export const flags = [
  "--headless",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

export const isRoot = process.getuid?.() === 0;

/** Returns the path of Chromium: $CHROMIUM, else the one on the PATH. */
export function chromiumPath(): string {
  const named = process.env["CHROMIUM"];
  const candidates = named ? [named] : (process.env["PATH"] ?? "").split(delimiter).map((dir) => join(dir, "chromium"));
  const found = candidates.find(isProgram);
  if (found === undefined) {
    throw new Error("The browser tests need Chromium: apt-get install chromium, or name one in CHROMIUM.");
  }
  return found;
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

export function launch(): Promise<Browser> {
  return chromium.launch({ executablePath: chromiumPath(), chromiumSandbox: !isRoot, args: flags });
}
