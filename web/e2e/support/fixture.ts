/** A browser and a service for the tests of one file. Every test fails when the page does what it must never do. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Browser, BrowserContext, BrowserContextOptions, Page } from "playwright-core";
import { launch } from "./chromium.js";
import { Handler, type Settings } from "./handler.js";
import { Sender } from "./sender.js";

export interface Actions {
  /** Opens an address, or a path of the service, in a new browser context, like another person or device. */
  visit(address: string, options?: Visit): Promise<Page>;
  /** Allows errors on the console that this test causes. */
  allow(text: RegExp): void;
}

export interface Visit extends BrowserContextOptions {
  /** Called before the page loads anything. */
  readonly prepare?: (page: Page) => Promise<unknown>;
}

export interface Fixture {
  readonly handler: Handler;
  readonly sender: Sender;
  readonly browser: Browser;
  /** Declares a test. The timeout is in seconds. */
  test(name: string, run: (actions: Actions) => Promise<void>, timeout?: number): void;
}

const device: BrowserContextOptions = {
  locale: "en-GB",
  timezoneId: "UTC",
  viewport: { width: 1000, height: 900 },
  permissions: ["clipboard-read", "clipboard-write"],
};

const conditionTimeout = 20_000; // milliseconds

/** Creates the fixture of a test file: one browser, and one service with the given settings. */
export function createFixture(settings: Settings = {}): Fixture {
  let handler: Handler | undefined;
  let browser: Browser | undefined;
  before(async () => {
    [handler, browser] = await Promise.all([Handler.start(settings), launch()]);
  });
  after(async () => {
    await browser?.close();
    await handler?.stop();
  });
  return {
    get handler() {
      return started(handler);
    },
    get sender() {
      return new Sender(started(handler));
    },
    get browser() {
      return started(browser);
    },
    test(name, run, timeout = 120) {
      test(name, { timeout: timeout * 1000 }, () => runTest(started(browser), started(handler).url, run));
    },
  };
}

function started<Value>(value: Value | undefined): Value {
  assert.ok(value !== undefined, "the fixture starts before the first test");
  return value;
}

async function runTest(browser: Browser, origin: string, run: (actions: Actions) => Promise<void>): Promise<void> {
  const contexts: BrowserContext[] = [];
  const faults: string[] = [];
  const allowed: RegExp[] = [];
  try {
    await run({
      async visit(address, { prepare, ...options } = {}) {
        const context = await browser.newContext({ ...device, baseURL: origin, ...options });
        contexts.push(context);
        context.setDefaultTimeout(conditionTimeout);
        await collectFaults(context, origin, faults);
        const page = await context.newPage();
        await prepare?.(page);
        await page.goto(address);
        return page;
      },
      allow: (text) => void allowed.push(text),
    });
  } finally {
    await Promise.all(contexts.map((context) => context.close()));
  }
  assert.deepEqual(
    faults.filter((fault) => !allowed.some((text) => text.test(fault))),
    [],
    "errors of the page, violations of its policy, requests to other origins",
  );
}

/** Collects errors, policy violations and requests to other origins. Refusals of the API are no faults of the page. */
async function collectFaults(context: BrowserContext, origin: string, faults: string[]): Promise<void> {
  await context.addInitScript(() => {
    addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI, sample }) =>
      console.error(`policy: ${violatedDirective} ${blockedURI} ${sample}`),
    );
  });
  context.on("console", (message) => {
    const refused = message.text().startsWith("Failed to load resource") && message.location().url.startsWith(`${origin}/api/`);
    if (message.type() === "error" && !refused) {
      faults.push(`console: ${message.text()} ${message.location().url}`);
    }
  });
  context.on("weberror", (error) => faults.push(`error: ${error.error().message}`));
  context.on("request", (request) => {
    const url = request.url();
    if (!url.startsWith(`${origin}/`) && !url.startsWith(`blob:${origin}/`)) {
      faults.push(`request: ${url}`);
    }
  });
}
