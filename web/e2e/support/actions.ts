/** What people do on the page, and what they then see. */
import { readFile } from "node:fs/promises";
import type { Locator, Page } from "playwright-core";
import { says, within } from "./texts.js";

/** Waits for the screen with a heading. */
export async function sees(page: Page, key: string, language?: string): Promise<void> {
  await page.getByRole("heading", { level: 1, name: says(key, language) }).waitFor();
}

/** Waits for a text anywhere. */
export async function reads(page: Page, key: string): Promise<void> {
  await page.getByText(within(key)).first().waitFor();
}

export function button(page: Page, key: string): Locator {
  return page.getByRole("button", { name: says(key) });
}

export function field(page: Page, key: string): Locator {
  return page.getByLabel(says(key));
}

/** The seal, while it is whole. */
export function seal(page: Page): Locator {
  return page.locator("[data-testid=wax]:not(.broken)");
}

/** Holds the seal until it breaks, which may be for a moment only. */
export async function hold(page: Page): Promise<void> {
  await seal(page).hover();
  const broken = seal(page).evaluate(
    (element) =>
      new Promise<void>((resolve) => {
        const look = (): void => (element.isConnected && !element.classList.contains("broken") ? undefined : resolve());
        new MutationObserver(look).observe(document, { attributes: true, childList: true, subtree: true });
      }),
  );
  await page.mouse.down();
  await broken;
  await page.mouse.up();
}

/** The secret on screen. */
export function secret(page: Page): Locator {
  return page.getByTestId("secret");
}

/** Waits until the text of the secret is the given one, and the server has deleted it. */
export async function getsSecret(page: Page, text: string): Promise<void> {
  await secret(page).getByText(text, { exact: true }).first().waitFor();
  await reads(page, "open.shown.gone");
}

/** Types a secret and presses the button; returns its link. */
export async function create(page: Page, text: string): Promise<string> {
  await field(page, "create.secret").fill(text);
  await button(page, "create.submit").click();
  return linkOf(page);
}

/** Returns the link that was made. */
export async function linkOf(page: Page): Promise<string> {
  await sees(page, "create.done");
  return (await page.locator(".handout.first code").textContent()) ?? "";
}

/** Returns the manage link that was made. */
export async function manageLinkOf(page: Page): Promise<string> {
  const handout = page.locator(".handout", { has: button(page, "create.copy_manage") });
  return (await handout.locator("code").textContent()) ?? "";
}

/** Opens the part of the form for a passphrase, and types it. */
export async function addPassphrase(page: Page, passphrase: string): Promise<void> {
  await page.getByText(says("create.passphrase_add")).click();
  await field(page, "create.passphrase").fill(passphrase);
}

/** Pastes a link into the screen that asks for one. */
export async function pasteLink(page: Page, link: string): Promise<void> {
  await page.locator("main textarea").fill(link);
  await button(page, "open.paste.submit").click();
}

/** Presses a button and returns the file that the browser saves, with its name. */
export async function saves(page: Page, press: Locator): Promise<{ name: string; bytes: Buffer }> {
  const [download] = await Promise.all([page.waitForEvent("download"), press.click()]);
  return { name: download.suggestedFilename(), bytes: await readFile(await download.path()) };
}

/** Returns what was copied, by pasting it elsewhere: the page itself may not look. */
export async function clipboard(page: Page): Promise<string> {
  const other = await page.context().newPage();
  await other.setContent("<textarea autofocus></textarea>");
  await other.locator("textarea").press("Control+V");
  const text = await other.locator("textarea").inputValue();
  await other.close();
  return text;
}
