/** Measures the page and prints the figures for docs/benchmarks.md. */
import type { Browser } from "playwright-core";
import { addPassphrase, button, field, waitForHeading } from "../support/actions.js";
import { launch } from "../support/chromium.js";
import { Handler } from "../support/handler.js";
import { serveLab } from "../support/lab.js";
import { measure } from "../support/lighthouse.js";
import { Sender } from "../support/sender.js";

const runs = 21;
const mebibyte = 1024 * 1024;

const pattern = new RegExp(process.env["BENCH"] ?? ".");

await bench();

/** Runs the benchmarks that match BENCH: PageSeal, PageFrames, PagePaint. */
async function bench(): Promise<void> {
  const [handler, browser] = await Promise.all([Handler.start(), launch()]);
  try {
    if (pattern.test("PageSeal")) {
      await printSealing(browser);
    }
    if (pattern.test("PageFrames")) {
      await printFrames(browser, handler.url);
    }
    if (pattern.test("PagePaint")) {
      await printPaint("create", `${handler.url}/`);
      await printPaint("open", (await new Sender(handler).send("measured")).link);
    }
  } finally {
    await browser.close();
    await handler.stop();
  }
}

function print(what: string, figure: string, target: string): void {
  console.log(`page: ${what.padEnd(52)} ${figure.padStart(10)}   (target ${target})`);
}

/** Seals 1 MiB like the page, and encrypts it with WebCrypto alone, alternately. */
async function printSealing(browser: Browser): Promise<void> {
  const lab = await serveLab();
  const page = await browser.newPage();
  await page.goto(lab.url);
  const times = await page.evaluate(
    async ({ runs, size }) => {
      const all = [];
      for (let i = 0; i < runs + 3; i++) {
        all.push(await globalThis.lab.seal(size));
      }
      return all.slice(3); // the first ones are a warm-up
    },
    { runs, size: mebibyte },
  );
  const [sealed, bare] = [median(times.map((time) => time.page)), median(times.map((time) => time.bare))];
  print("seal 1 MiB in the page", `${sealed.toFixed(1)} ms`, "none");
  print("the same bytes by bare WebCrypto AES-GCM", `${bare.toFixed(1)} ms`, "none");
  print("ratio", (sealed / bare).toFixed(2), "at most 3");
  await page.close();
  lab.close();
}

/** Measures the frames of the page while the Worker runs Argon2id. */
async function printFrames(browser: Browser, url: string): Promise<void> {
  const context = await browser.newContext();
  const page = await context.newPage();
  const longest: number[] = [];
  for (let i = 0; i < 5; i++) {
    await page.goto(url);
    await field(page, "create.secret").fill("framed");
    await addPassphrase(page, "four horses in the meadow");
    await page.evaluate(() => {
      const state = { longest: 0, last: performance.now() };
      Object.assign(globalThis, { timed: state });
      const frame = (now: number): void => {
        state.longest = Math.max(state.longest, now - state.last);
        state.last = now;
        requestAnimationFrame(frame);
      };
      requestAnimationFrame((now) => {
        state.last = now;
        requestAnimationFrame(frame);
      });
    });
    await button(page, "create.submit").click();
    await waitForHeading(page, "create.done");
    longest.push(await page.evaluate(() => (Reflect.get(globalThis, "timed") as { longest: number }).longest));
  }
  print("longest frame from the press to the link, Argon2id", `${median(longest).toFixed(0)} ms`, "at most 50 ms");
  await context.close();
}

/** Prints the figures of Lighthouse. They depend on the load of the processor: the lowest comes closest to the page's own. */
async function printPaint(screen: string, address: string): Promise<void> {
  const reports = [];
  for (let i = 0; i < 5; i++) {
    reports.push(await measure(address, ["performance"]));
  }
  const paints = reports.map((report) => report.largestPaint);
  print(`${screen}: largest contentful paint, slow 4G, median of 5`, `${median(paints).toFixed(0)} ms`, "at most 1200 ms");
  print(`${screen}: the lowest of the 5`, `${Math.min(...paints).toFixed(0)} ms`, "none");
  print(`${screen}: performance by Lighthouse, of 100`, `${median(reports.map((report) => report.scores["performance"] ?? 0))}`, "none");
  print(`${screen}: transferred until then`, `${(median(reports.map((report) => report.bytes)) / 1000).toFixed(1)} kB`, "none");
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
}
