import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { pasteLink, pressWax, waitForHeading, waitForSecret, waitForText } from "../support/actions.js";
import { createFixture } from "../support/fixture.js";

const fixture = createFixture();

/** Opens the address like a click on the link. */
const follow = (page: Page, link: string): Promise<unknown> => page.goto(link);

for (const [what, change, open] of [
  ["an escaped #", (link: string) => link.replace("#", "%23"), follow],
  ["a # escaped twice", (link: string) => link.replace("#", "%2523"), pasteLink],
  ["a full stop after it", (link: string) => `${link}.`, follow],
  ["a bracket and a comma after it", (link: string) => `${link}),`, follow],
  ["angle brackets and a sentence around it", (link: string) => `Open <${link}>, please.`, pasteLink],
  ["line breaks and quote marks in it", (link: string) => link.replace(/(#.{20})(.{20})/, "$1\n> $2\r\n> "), pasteLink],
  ["a soft line break of a mail in it", (link: string) => link.replace(/(#.{30})/, "$1=\n"), pasteLink],
  ["spaces and hyphens in it", (link: string) => link.replace(/(#.{10})(.{10})/, "$1 - $2 "), pasteLink],
  ["capitals", (link: string) => link.replace(/#.*/, (part) => part.toUpperCase()), follow],
  ["o for 0 and l for 1", (link: string) => link.replace(/#1(.*)/, (_, part: string) => `#1${part.replaceAll("0", "o").replaceAll("1", "l")}`), follow],
  ["a tracking parameter in it", (link: string) => link.replace("#", "?utm_source=mail#"), follow],
] as const) {
  fixture.test(`a link with ${what} is opened`, async ({ visit }) => {
    const sent = await fixture.sender.send("opened anyway");
    const page = await visit("/s");
    await open(page, change(sent.link));
    await waitForHeading(page, "open.ready.title");
    assert.ok(!page.url().includes(sent.fragment.slice(2, 9)), page.url());
    await pressWax(page);
    await waitForSecret(page, "opened anyway");
  });
}

for (const [what, change, damage] of [
  ["cut off", (link: string) => link.slice(0, -9), "cut"],
  ["cut off after the #", (link: string) => link.replace(/#1.*/, "#1"), "cut"],
  ["changed in a character", (link: string) => link.replace(/.$/, (last) => (last === "0" ? "4" : "0")), "changed"],
  ["of a later version", (link: string) => link.replace("#1", "#2"), "version"],
] as const) {
  fixture.test(`the page explains that a link was ${what}, and the whole link can be pasted`, async ({ visit }) => {
    const sent = await fixture.sender.send("whole again");
    const page = await visit(change(sent.link));
    await waitForHeading(page, "open.damaged.title");
    await waitForText(page, `open.damaged.${damage}`);
    assert.equal(await sent.state(), "live 1");
    await pasteLink(page, sent.link);
    await pressWax(page);
    await waitForSecret(page, "whole again");
  });
}

fixture.test("the page explains that a text is no link", async ({ visit }) => {
  const page = await visit("/s");
  await pasteLink(page, "https://example.com/page#top");
  await waitForHeading(page, "open.damaged.title");
  await waitForText(page, "open.damaged.no-link");
});
