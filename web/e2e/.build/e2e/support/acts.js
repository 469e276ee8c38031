/** What people do on the page, and what they then see. */
import { readFile } from "node:fs/promises";
import { says, within } from "./texts.js";
/** Waits for the screen with a heading. */
export async function sees(page, key, language) {
    await page.getByRole("heading", { level: 1, name: says(key, language) }).waitFor();
}
/** Waits for a text anywhere. */
export async function reads(page, key) {
    await page.getByText(within(key)).first().waitFor();
}
export function button(page, key) {
    return page.getByRole("button", { name: says(key) });
}
export function field(page, key) {
    return page.getByLabel(says(key));
}
/** The seal, while it is whole. */
export function seal(page) {
    return page.locator("[data-testid=seal]:not(.broken)");
}
/** Holds the seal until it breaks. */
export async function hold(page) {
    await seal(page).hover();
    await page.mouse.down();
    await seal(page).waitFor({ state: "detached" });
    await page.mouse.up();
}
/** The secret on screen. */
export function secret(page) {
    return page.getByTestId("secret");
}
/** Waits until the text of the secret is the given one, and the server has deleted it. */
export async function getsSecret(page, text) {
    await secret(page).getByText(text, { exact: true }).first().waitFor();
    await reads(page, "open.shown.gone");
}
/** Types a secret and presses the button; returns its link. */
export async function create(page, text) {
    await field(page, "create.secret").fill(text);
    await button(page, "create.submit").click();
    return linkOf(page);
}
/** Returns the link that was made. */
export async function linkOf(page) {
    await sees(page, "create.done");
    return (await page.locator(".handout.first code").textContent()) ?? "";
}
/** Returns the manage link that was made. */
export async function manageLinkOf(page) {
    const handout = page.locator(".handout", { has: button(page, "create.copy_manage") });
    return (await handout.locator("code").textContent()) ?? "";
}
/** Opens the part of the form for a passphrase, and types it. */
export async function addPassphrase(page, passphrase) {
    await page.getByText(says("create.passphrase_add")).click();
    await field(page, "create.passphrase").fill(passphrase);
}
/** Pastes a link into the screen that asks for one. */
export async function pasteLink(page, link) {
    await page.locator("main textarea").fill(link);
    await button(page, "open.paste.submit").click();
}
/** Presses a button and returns the file that the browser saves, with its name. */
export async function saves(page, press) {
    const [download] = await Promise.all([page.waitForEvent("download"), press.click()]);
    return { name: download.suggestedFilename(), bytes: await readFile(await download.path()) };
}
export async function clipboard(page) {
    return page.evaluate(() => navigator.clipboard.readText());
}
