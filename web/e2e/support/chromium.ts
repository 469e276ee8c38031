/** Finds and starts the Chromium of the machine. None is downloaded. */
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { type Browser, chromium } from "playwright-core";

/** Flags that switch off everything the tests do not need. */
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

/** Returns the path of Chromium: CHROMIUM, or the first one on the PATH. */
export function chromiumPath(): string {
  const named = process.env["CHROMIUM"];
  const candidates = named ? [named] : (process.env["PATH"] ?? "").split(delimiter).map((dir) => join(dir, "chromium"));
  const found = candidates.find(isProgram);
  if (found === undefined) {
    throw new Error("The browser tests need Chromium: run apt-get install chromium, or set CHROMIUM to its path.");
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
