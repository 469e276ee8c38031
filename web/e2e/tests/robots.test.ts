import assert from "node:assert/strict";
import { getsSecret, hold } from "../support/actions.js";
import { crawl } from "../support/crawler.js";
import type { Sent } from "../support/sender.js";
import { createWorld } from "../support/fixture.js";

const world = createWorld();
const crawls = 50;
const robots = 4; // at once
const passphrase = "four horses in the meadow";

/** Expects that a secret is untouched, and that it can then be read. */
async function isWhole(sent: Sent): Promise<void> {
  assert.equal(await sent.state(), "live 1");
  assert.deepEqual(await sent.events(), ["created"]);
  await sent.read();
  assert.equal(await sent.state(), "read");
}

world.scene(`${crawls} crawls take no view, of secrets with a passphrase and without`, async () => {
  const crawlOne = async (i: number): Promise<void> => {
    const sent = await world.sender.send({ content: `secret ${i}`, ...(i % 2 === 1 && { passphrase }) });
    await crawl(world.browser, sent.link, { origin: world.handler.url, landmark: "[data-testid=wax]", turn: i });
    await isWhole(sent);
  };
  let next = 0;
  const robot = async (): Promise<void> => {
    while (next < crawls) {
      await crawlOne(next++);
    }
  };
  await Promise.all(Array.from({ length: robots }, robot));
}, 900);

world.scene("a robot without JavaScript takes no view", async () => {
  const sent = await world.sender.send("no script");
  await crawl(world.browser, sent.link, { origin: world.handler.url, landmark: "noscript p", javaScriptEnabled: false });
  await isWhole(sent);
});

world.scene("prefetches, previews and scanners that only ask for the address take no view", async () => {
  const sent = await world.sender.send("only asked for");
  const page = sent.link.replace("#", "%23");
  const { api } = sent;
  for (const address of [page, sent.link, `${page}/read`, api, `${api}/read`, `${api}/ack`, `${api}/receipt`]) {
    for (const method of ["GET", "HEAD", "OPTIONS"]) {
      for (const headers of [
        {},
        { "Sec-Purpose": "prefetch;prerender", Purpose: "prefetch" },
        { "User-Agent": "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)", Range: "bytes=0-32768" },
        { "User-Agent": "facebookexternalhit/1.1", Accept: "text/html" },
        { "User-Agent": "Mozilla/5.0 (compatible; bingbot/2.0)", From: "bingbot(at)microsoft.com" },
      ]) {
        const answer = await fetch(address, { method, headers });
        await answer.arrayBuffer();
      }
    }
  }
  await isWhole(sent);
});

world.scene("a browser that prerenders a link takes no view, and a person opens it afterwards", async ({ visit }) => {
  const sent = await world.sender.send("prerendered");
  await crawl(world.browser, sent.link, { origin: world.handler.url, landmark: "[data-testid=wax]" });
  const page = await visit(sent.link);
  await hold(page);
  await getsSecret(page, "prerendered");
});
