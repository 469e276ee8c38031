/** A browser, a service, and scenes in which both meet. Whatever the page should never do fails every scene. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Browser, BrowserContext, BrowserContextOptions, Page } from "playwright-core";
import { launch } from "./chromium.js";
import { Handler, type Settings } from "./handler.js";
import { Sender } from "./sender.js";

export interface Scene {
  /** Opens a whole address, or a path of the service, in a context of its own: another person, another device. */
  visit(address: string, options?: Visit): Promise<Page>;
  /** Lets the console say an error that this scene provokes. */
  allow(text: RegExp): void;
}

export interface Visit extends BrowserContextOptions {
  /** Prepares the page before it loads anything. */
  readonly prepare?: (page: Page) => Promise<unknown>;
}

export interface World {
  readonly handler: Handler;
  readonly sender: Sender;
  readonly browser: Browser;
  /** Patience is in seconds. */
  scene(name: string, play: (scene: Scene) => Promise<void>, patience?: number): void;
}

const device: BrowserContextOptions = {
  locale: "en-GB",
  timezoneId: "UTC",
  viewport: { width: 1000, height: 900 },
  permissions: ["clipboard-read", "clipboard-write"],
};

const patience = 20_000; // milliseconds for a condition

/** Makes the world of a test file: one browser, and one service with the given settings. */
export function createWorld(settings: Settings = {}): World {
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
      return there(handler);
    },
    get sender() {
      return new Sender(there(handler));
    },
    get browser() {
      return there(browser);
    },
    scene(name, play, patience = 120) {
      test(name, { timeout: patience * 1000 }, () => run(there(browser), there(handler).url, play));
    },
  };
}

function there<Value>(value: Value | undefined): Value {
  assert.ok(value !== undefined, "it is made before the first scene");
  return value;
}

async function run(browser: Browser, origin: string, play: (scene: Scene) => Promise<void>): Promise<void> {
  const contexts: BrowserContext[] = [];
  const faults: string[] = [];
  const allowed: RegExp[] = [];
  try {
    await play({
      async visit(address, { prepare, ...options } = {}) {
        const context = await browser.newContext({ ...device, baseURL: origin, ...options });
        contexts.push(context);
        context.setDefaultTimeout(patience);
        await watch(context, origin, faults);
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
    "errors of the page, breaches of its policy, requests to strangers",
  );
}

/** Collects what a page must never do. That the API refuses something is no fault of the page. */
async function watch(context: BrowserContext, origin: string, faults: string[]): Promise<void> {
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
