/** Runs the command line of Lighthouse in the same Chromium, simulating a phone on slow 4G. */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { chromiumPath, flags, isRoot } from "./chromium.js";
import { root } from "./handler.js";

export interface Report {
  /** The scores of the categories, 0 to 100. */
  readonly scores: Readonly<Record<string, number>>;
  /** The audits that keep a score below 100. */
  readonly complaints: readonly string[];
  /** Milliseconds to the largest contentful paint. */
  readonly largestPaint: number;
  /** The number of bytes transferred. */
  readonly bytes: number;
}

interface Audit {
  readonly title: string;
  readonly score: number | null;
  readonly numericValue?: number;
  readonly details?: unknown;
}

interface Result {
  readonly categories: Readonly<Record<string, { readonly score: number | null; readonly auditRefs: readonly { readonly id: string; readonly weight: number }[] }>>;
  readonly audits: Readonly<Record<string, Audit>>;
}

const program = join(root, "web", "e2e", "node_modules", "lighthouse", "cli", "index.js");

/** Measures an address in the given categories. */
export async function measure(url: string, categories: readonly string[]): Promise<Report> {
  const chrome = [...flags, ...(isRoot ? ["--no-sandbox"] : [])].join(" ");
  const args = [
    program,
    url,
    "--quiet",
    "--output=json",
    "--no-enable-error-reporting",
    "--skip-audits=is-crawlable", // the page must not be indexed
    `--only-categories=${categories.join()}`,
    `--chrome-flags=${chrome}`,
  ];
  const env = { ...process.env, CHROME_PATH: chromiumPath() };
  const result = await record(args, env, 3);
  const all = Object.entries(result.categories);
  return {
    scores: Object.fromEntries(all.map(([name, { score }]) => [name, Math.round((score ?? 0) * 100)])),
    complaints: all.flatMap(([, { auditRefs }]) => auditRefs.flatMap(({ id, weight }) => complaintsOf(result.audits[id], weight))),
    largestPaint: result.audits["largest-contentful-paint"]?.numericValue ?? NaN,
    bytes: result.audits["total-byte-weight"]?.numericValue ?? NaN,
  };
}

/** Runs Lighthouse, and again if it exits with 1 because it has lost its own recording. A low score is no failure. */
async function record(args: readonly string[], env: NodeJS.ProcessEnv, times: number): Promise<Result> {
  try {
    const { stdout } = await promisify(execFile)(process.execPath, args, { env, maxBuffer: 100_000_000, timeout: 180_000 });
    return JSON.parse(stdout) as Result;
  } catch (error) {
    if (times > 1 && String(error).includes("Runtime error encountered")) {
      return record(args, env, times - 1);
    }
    throw error;
  }
}

function complaintsOf(audit: Audit | undefined, weight: number): readonly string[] {
  return audit && weight > 0 && audit.score !== null && audit.score < 1 ? [`${audit.title}: ${JSON.stringify(audit.details ?? "").slice(0, 500)}`] : [];
}
