/** The actions of people on the page, and waiting for what they then see. */
import { readFile } from "node:fs/promises";
import type { Locator, Page } from "playwright-core";
import { partOfText, wholeText } from "./texts.js";

/** Waits for the screen with the heading. */
export async function waitForHeading(page: Page, key: string, language?: string): Promise<void> {
  await page.getByRole("heading", { level: 1, name: wholeText(key, language) }).waitFor();
}

/** Waits for a text anywhere on the page. */
export async function waitForText(page: Page, key: string): Promise<void> {
  await page.getByText(partOfText(key)).first().waitFor();
}

export function button(page: Page, key: string): Locator {
  return page.getByRole("button", { name: wholeText(key) });
}

export function field(page: Page, key: string): Locator {
  return page.getByLabel(wholeText(key));
}

/** The button to press, while its wax is whole. */
export function wax(page: Page): Locator {
  return page.locator("[data-testid=wax]:not(.broken)");
}

/** Presses the wax until it breaks. It may be shown broken only for a moment. */
export async function pressWax(page: Page): Promise<void> {
  await wax(page).hover();
  const broken = wax(page).evaluate(
    (element) =>
      new Promise<void>((resolve) => {
        const check = (): void => (element.isConnected && !element.classList.contains("broken") ? undefined : resolve());
        new MutationObserver(check).observe(document, { attributes: true, childList: true, subtree: true });
      }),
  );
  await page.mouse.down();
  await broken;
  await page.mouse.up();
}

/** The opened secret. */
export function secret(page: Page): Locator {
  return page.getByTestId("secret");
}

/** Waits until the secret is shown with the given text and the server has deleted it. */
export async function waitForSecret(page: Page, text: string): Promise<void> {
  await secret(page).getByText(text, { exact: true }).first().waitFor();
  await waitForText(page, "open.shown.gone");
}

/** Creates a secret. Returns its link. */
export async function create(page: Page, text: string): Promise<string> {
  await field(page, "create.secret").fill(text);
  await button(page, "create.submit").click();
  return linkOf(page);
}

/** Returns the link of the created secret. */
export async function linkOf(page: Page): Promise<string> {
  await waitForHeading(page, "create.done");
  return (await page.locator(".handout.first code").textContent()) ?? "";
}

/** Returns the manage link of the created secret. */
export async function manageLinkOf(page: Page): Promise<string> {
  const handout = page.locator(".handout", { has: button(page, "create.copy_manage") });
  return (await handout.locator("code").textContent()) ?? "";
}

/** Opens the part of the form for a passphrase and fills it in. */
export async function addPassphrase(page: Page, passphrase: string): Promise<void> {
  await page.getByText(wholeText("create.passphrase_add")).click();
  await field(page, "create.passphrase").fill(passphrase);
}

/** Submits a link on a screen that asks for one. */
export async function pasteLink(page: Page, link: string): Promise<void> {
  await page.locator("main textarea").fill(link);
  await button(page, "open.paste.submit").click();
}

/** Clicks a button and returns the name and the bytes of the downloaded file. */
export async function download(page: Page, target: Locator): Promise<{ name: string; bytes: Buffer }> {
  const [download] = await Promise.all([page.waitForEvent("download"), target.click()]);
  return { name: download.suggestedFilename(), bytes: await readFile(await download.path()) };
}

/** Returns the clipboard by pasting it into another page: this page must not read it. */
export async function clipboard(page: Page): Promise<string> {
  const other = await page.context().newPage();
  await other.setContent("<textarea autofocus></textarea>");
  await other.locator("textarea").press("Control+V");
  const text = await other.locator("textarea").inputValue();
  await other.close();
  return text;
}
