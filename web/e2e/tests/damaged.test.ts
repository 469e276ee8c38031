import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { getsSecret, hold, pasteLink, reads, sees } from "../support/actions.js";
import { createWorld } from "../support/fixture.js";

const world = createWorld();

/** Opens the address as a press on the link would. */
const follow = (page: Page, link: string): Promise<unknown> => page.goto(link);

for (const [what, bend, arrive] of [
  ["an escaped #", (link: string) => link.replace("#", "%23"), follow],
  ["a # that was escaped twice", (link: string) => link.replace("#", "%2523"), pasteLink],
  ["a full stop behind it", (link: string) => `${link}.`, follow],
  ["a bracket and a comma behind it", (link: string) => `${link}),`, follow],
  ["angle brackets and a sentence around it", (link: string) => `Open <${link}>, please.`, pasteLink],
  ["line breaks and quote marks in it", (link: string) => link.replace(/(#.{20})(.{20})/, "$1\n> $2\r\n> "), pasteLink],
  ["a soft line break of mail in it", (link: string) => link.replace(/(#.{30})/, "$1=\n"), pasteLink],
  ["blanks and hyphens in it", (link: string) => link.replace(/(#.{10})(.{10})/, "$1 - $2 "), pasteLink],
  ["capitals", (link: string) => link.replace(/#.*/, (part) => part.toUpperCase()), follow],
  ["o for 0 and l for 1", (link: string) => link.replace(/#1(.*)/, (_, part: string) => `#1${part.replaceAll("0", "o").replaceAll("1", "l")}`), follow],
  ["a tracking parameter in it", (link: string) => link.replace("#", "?utm_source=mail#"), follow],
] as const) {
  world.scene(`a link with ${what} is mended`, async ({ visit }) => {
    const sent = await world.sender.send("mended");
    const page = await visit("/s");
    await arrive(page, bend(sent.link));
    await sees(page, "open.ready.title");
    assert.ok(!page.url().includes(sent.fragment.slice(2, 9)), page.url());
    await hold(page);
    await getsSecret(page, "mended");
  });
}

for (const [what, bend, says] of [
  ["cut off", (link: string) => link.slice(0, -9), "cut"],
  ["cut off after the #", (link: string) => link.replace(/#1.*/, "#1"), "cut"],
  ["changed in a character", (link: string) => link.replace(/.$/, (last) => (last === "0" ? "4" : "0")), "changed"],
  ["of a later version", (link: string) => link.replace("#1", "#2"), "version"],
] as const) {
  world.scene(`a link that was ${what} is called so, and the whole one can be pasted`, async ({ visit }) => {
    const sent = await world.sender.send("whole again");
    const page = await visit(bend(sent.link));
    await sees(page, "open.damaged.title");
    await reads(page, `open.damaged.${says}`);
    assert.equal(await sent.state(), "live 1");
    await pasteLink(page, sent.link);
    await hold(page);
    await getsSecret(page, "whole again");
  });
}

world.scene("what is no link at all is called so", async ({ visit }) => {
  const page = await visit("/s");
  await pasteLink(page, "https://example.com/page#top");
  await sees(page, "open.damaged.title");
  await reads(page, "open.damaged.no-link");
});
