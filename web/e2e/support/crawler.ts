/** A robot that treats every page as mail scanners and bots do. It knows nothing of this page. */
import type { Browser, Locator, Page } from "playwright-core";

const pressable = "button, summary, [role=button], input[type=submit], input[type=checkbox], select, label";
const fillable = "input:not([type=checkbox], [type=file], [type=submit], [hidden]), textarea";
const most = 60; // elements of one kind, on one screen

/** Texts that form fillers type. */
const plausible = ["test", "1234", "maria@example.com", "password1", "Open", "yes", "https://example.com/", "0000", "42"];

export interface Crawl {
  readonly origin: string;
  /** A selector that matches once the page is rendered. The crawl waits for it, because otherwise it proves nothing. */
  readonly landmark: string;
  readonly javaScriptEnabled?: boolean;
  /** The index of the first plausible text to type. */
  readonly first?: number;
}

/** Visits a link twice in a new browser context, and clicks, types and submits everything. */
export async function crawl(browser: Browser, link: string, { origin, landmark, javaScriptEnabled = true, first = 0 }: Crawl): Promise<void> {
  const context = await browser.newContext({ javaScriptEnabled, viewport: { width: 480, height: 640 } });
  context.setDefaultTimeout(2000); // for elements that are covered or gone
  context.setDefaultNavigationTimeout(30_000);
  await context.route((url) => url.origin !== origin, (route) => route.abort());
  const page = await context.newPage();
  page.on("dialog", (dialog) => void dialog.accept().catch(() => undefined));
  const arrive = (): Promise<void> => visit(page, link, landmark);
  await arrive();
  await pressAll(page);
  await fillAll(page, first);
  if (javaScriptEnabled) {
    await page.evaluate(actByScript, plausible[first % plausible.length] ?? "");
  }
  await arrive();
  await fillAll(page, first + 1);
  await pressAll(page);
  await followLinks(page, arrive);
  await context.close();
}

/** Navigates to the link. An earlier click may have started a navigation that interrupts this one, more than once. */
async function navigate(page: Page, link: string, times: number): Promise<void> {
  try {
    await page.goto("about:blank"); // otherwise only the fragment would change
    await page.goto(link);
  } catch (error) {
    if (times === 1 || !String(error).includes("interrupted")) {
      throw error;
    }
    await page.waitForURL("about:blank", { timeout: 5000 }).catch(() => undefined);
    await navigate(page, link, times - 1);
  }
}

async function visit(page: Page, link: string, landmark: string): Promise<void> {
  await navigate(page, link, 10);
  await page.locator(landmark).waitFor({ timeout: 60_000 }).catch(async () => {
    throw new Error(`no ${landmark} at ${page.url()}: ${await page.locator("body").textContent()}`);
  });
}

/** Hovers, clicks, double-clicks, and presses Enter and Space on everything. */
async function pressAll(page: Page): Promise<void> {
  await forEach(page, pressable, async (element) => {
    await element.hover({ force: true });
    await element.click({ force: true, delay: 80 });
  });
  await forEach(page, pressable, async (element) => {
    await element.dblclick({ force: true });
    await element.press("Enter");
    await element.press("Space");
  });
}

/** Fills in every field, and submits every form by Enter and by script. */
async function fillAll(page: Page, first: number): Promise<void> {
  await forEach(page, fillable, async (element, i) => {
    await element.fill(plausible[(first + i) % plausible.length] ?? "");
    await element.press("Enter");
  });
  await page.locator("form").evaluateAll((forms) => forms.forEach((form) => form instanceof HTMLFormElement && form.requestSubmit()));
}

/** Follows each link of the page and comes back. Then goes back and forward, and reloads. */
async function followLinks(page: Page, arrive: () => Promise<void>): Promise<void> {
  for (let i = 0; i < Math.min(await page.locator("a[href]").count(), most); i++) {
    await page.locator("a[href]").nth(i).click({ force: true }).catch(() => undefined);
    await page.goBack().catch(() => undefined);
    await arrive();
  }
  await page.goBack().catch(() => undefined);
  await page.goForward().catch(() => undefined);
  await page.reload().catch(() => undefined);
}

/** Acts on each visible element. Ignores elements that are gone or covered. */
async function forEach(page: Page, selector: string, act: (element: Locator, i: number) => Promise<unknown>): Promise<void> {
  const count = Math.min(await page.locator(selector).count(), most);
  for (let i = 0; i < count; i++) {
    const element = page.locator(selector).nth(i);
    if (await element.isVisible().catch(() => false)) {
      await act(element, i).catch(() => undefined);
    }
  }
}

/** Dispatches synthetic events on every element, with a press that lasts longer than the page asks for. */
async function actByScript(text: string): Promise<void> {
  const all = [...document.querySelectorAll<HTMLElement>("button, a, summary, input, textarea, [tabindex]")].filter(
    (element) => !(element instanceof HTMLAnchorElement),
  );
  const bubbles = { bubbles: true, cancelable: true, composed: true };
  for (const element of all) {
    element.click();
    element.dispatchEvent(new PointerEvent("pointerdown", { ...bubbles, isPrimary: true, pointerId: 1, button: 0, buttons: 1 }));
    element.dispatchEvent(new MouseEvent("mousedown", { ...bubbles, button: 0, buttons: 1 }));
    element.dispatchEvent(new TouchEvent("touchstart", bubbles));
    element.dispatchEvent(new KeyboardEvent("keydown", { ...bubbles, key: " ", code: "Space" }));
    element.dispatchEvent(new KeyboardEvent("keydown", { ...bubbles, key: "Enter", code: "Enter" }));
    if (element instanceof HTMLInputElement || element instanceof HTMLTextAreaElement) {
      element.value = text;
      element.dispatchEvent(new Event("input", bubbles));
      element.dispatchEvent(new Event("change", bubbles));
    }
  }
  const frame = (): Promise<number> => new Promise((resolve) => requestAnimationFrame(resolve));
  for (const start = performance.now(); performance.now() - start < 1500; ) {
    await frame(); // longer than a person has to press
  }
  for (const element of all) {
    element.dispatchEvent(new PointerEvent("pointerup", { ...bubbles, isPrimary: true, pointerId: 1 }));
    element.dispatchEvent(new KeyboardEvent("keyup", { ...bubbles, key: " ", code: "Space" }));
  }
  document.querySelectorAll("form").forEach((form) => form.requestSubmit());
}
