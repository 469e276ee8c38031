/**
 * Takes a picture of every screen. Those that the documents show go to docs/images, the others to
 * .build/screenshots. The same page gives the same pictures.
 */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Browser, BrowserContextOptions, Page, Route } from "playwright-core";
import { launch } from "../support/chromium.js";
import { Handler, root } from "../support/handler.js";
import { screens, settings } from "../support/screens.js";
import { Sender } from "../support/sender.js";

const published = ["create-filled-light", "create-filled-dark", "open-light", "open-dark"];
const folders = { documents: join(root, "docs", "images"), others: join(root, "web", "e2e", ".build", "screenshots") };
const origin = "https://secrets.example";
const noon = Date.UTC(2026, 10, 25, 12, 0); // the time in all pictures
const minute = 60_000; // milliseconds

const desk: BrowserContextOptions = { viewport: { width: 860, height: 640 } };
const phone: BrowserContextOptions = { viewport: { width: 390, height: 780 }, isMobile: true, hasTouch: true };
const onPhone = ["create", "link", "open", "secret", "manage"];

const shots = screens.flatMap(({ name, show }) => [
  { name: `${name}-light`, show, options: { ...desk, colorScheme: "light" } as const },
  { name: `${name}-dark`, show, options: { ...desk, colorScheme: "dark" } as const },
  ...(onPhone.includes(name) ? [{ name: `${name}-phone`, show, options: { ...phone, colorScheme: "light" } as const }] : []),
]);

await take();

async function take(): Promise<void> {
  Object.values(folders).forEach((folder) => mkdirSync(folder, { recursive: true }));
  const [handler, browser] = await Promise.all([Handler.start(settings), launch()]);
  try {
    for (const { name, show, options } of shots) {
      const page = await show({
        sender: new Sender(handler, origin),
        visit: (address, { prepare } = {}) => visit(browser, handler.url, address, options, prepare),
      });
      await waitUntilLoaded(page);
      const folder = published.includes(name) ? folders.documents : folders.others;
      await page.screenshot({ path: join(folder, `${name}.png`), fullPage: true, animations: "disabled", caret: "hide" });
      await page.context().close();
    }
  } finally {
    await browser.close();
    await handler.stop();
  }
}

async function visit(
  browser: Browser,
  url: string,
  address: string,
  options: BrowserContextOptions,
  prepare?: (page: Page) => Promise<unknown>,
): Promise<Page> {
  const context = await browser.newContext({ locale: "en-GB", timezoneId: "UTC", baseURL: origin, reducedMotion: "reduce", ...options });
  context.setDefaultTimeout(20_000);
  await context.addInitScript(seedRandom);
  await context.route(`${origin}/**`, (route) => answer(route, url));
  const page = await context.newPage();
  await page.clock.setFixedTime(noon);
  await prepare?.(page);
  await page.goto(address);
  return page;
}

/**
 * Answers for the service at the origin of all pictures, and changes its answers to a fixed time
 * and version. A creation is answered here and not sent.
 */
async function answer(route: Route, url: string): Promise<void> {
  const { pathname, search } = new URL(route.request().url());
  if (route.request().method() === "POST" && pathname === "/api/secrets") {
    const expires_at = new Date(noon + 24 * 60 * minute).toISOString().replace(/\.\d+/, "");
    return route.fulfill({ status: 201, json: { id: "0".repeat(32), expires_at } });
  }
  const response = await route.fetch({ url: `${url}${pathname}${search}` });
  if (!pathname.startsWith("/api/")) {
    return route.fulfill({ response });
  }
  const body = await response.text();
  return route.fulfill({ response, body: body.replace(/\d{4}-\d\d-\d\dT[\d:]+Z/g, atNoon).replace(/("version":\s*")[^"]+/, "$11.0.0") });
}

function atNoon(time: string): string {
  const since = Math.round((Date.parse(time) - Date.now()) / minute) * minute;
  return new Date(noon + since).toISOString().replace(/\.\d+/, "");
}

/** Replaces the random numbers of the page with a fixed sequence. */
function seedRandom(): void {
  let state = 2463534242;
  crypto.getRandomValues = (array) => {
    const bytes = array === null ? new Uint8Array() : new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
    for (let i = 0; i < bytes.length; i++) {
      state ^= state << 13;
      state ^= state >>> 17;
      state ^= state << 5;
      bytes[i] = state;
    }
    return array;
  };
}

/** Waits until everything is loaded, and moves the pointer away. */
async function waitUntilLoaded(page: Page): Promise<void> {
  await page.mouse.move(0, 0);
  await page.waitForLoadState("networkidle");
  await page.evaluate(() => document.fonts.ready.then(() => undefined));
}
