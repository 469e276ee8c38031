import assert from "node:assert/strict";
import { pressWax, waitForSecret } from "../support/actions.js";
import { crawl } from "../support/crawler.js";
import type { Sent } from "../support/sender.js";
import { createFixture } from "../support/fixture.js";

const fixture = createFixture();
const crawls = 50;
const robots = 4; // at once
const passphrase = "four horses in the meadow";

/** Checks that a secret is untouched and can be read. */
async function isUntouched(sent: Sent): Promise<void> {
  assert.equal(await sent.state(), "live 1");
  assert.deepEqual(await sent.events(), ["created"]);
  await sent.read();
  assert.equal(await sent.state(), "read");
}

fixture.test(`${crawls} crawls take no view, with and without a passphrase`, async () => {
  const crawlOne = async (i: number): Promise<void> => {
    const sent = await fixture.sender.send({ content: `secret ${i}`, ...(i % 2 === 1 && { passphrase }) });
    await crawl(fixture.browser, sent.link, { origin: fixture.handler.url, landmark: "[data-testid=wax]", first: i });
    await isUntouched(sent);
  };
  let next = 0;
  const robot = async (): Promise<void> => {
    while (next < crawls) {
      await crawlOne(next++);
    }
  };
  await Promise.all(Array.from({ length: robots }, robot));
}, 900);

fixture.test("a robot without JavaScript takes no view", async () => {
  const sent = await fixture.sender.send("no script");
  await crawl(fixture.browser, sent.link, { origin: fixture.handler.url, landmark: "noscript p", javaScriptEnabled: false });
  await isUntouched(sent);
});

fixture.test("prefetches, previews and scanners that only request the address take no view", async () => {
  const sent = await fixture.sender.send("only asked for");
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
  await isUntouched(sent);
});

fixture.test("a crawled link can be opened by a person afterwards", async ({ visit }) => {
  const sent = await fixture.sender.send("prerendered");
  await crawl(fixture.browser, sent.link, { origin: fixture.handler.url, landmark: "[data-testid=wax]" });
  const page = await visit(sent.link);
  await pressWax(page);
  await waitForSecret(page, "prerendered");
});
