import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { button, clipboard, getsSecret, hold, pasteLink, reads, saves, seal, secret, sees } from "../support/actions.js";
import { Latch } from "../support/latch.js";
import { says, within } from "../support/texts.js";
import { createWorld } from "../support/fixture.js";

const world = createWorld();

/** Lists the requests that would take a view. */
function listReads(page: Page): string[] {
  const keys: string[] = [];
  page.on("request", (request) => {
    if (request.url().endsWith("/read")) {
      keys.push(request.headers()["idempotency-key"] ?? "");
    }
  });
  return keys;
}

world.scene("looking costs nothing, holding opens, and the server is told once it is on screen", async ({ visit }) => {
  const sent = await world.sender.send("looked at first");
  const page = await visit(sent.link);
  await sees(page, "open.ready.title");
  assert.equal(await sent.state(), "live 1");
  await hold(page);
  await getsSecret(page, "looked at first");
  assert.deepEqual(await sent.events(), ["created", "read", "acked"]);
});

world.scene("the fragment is in no address bar, no history and no request", async ({ visit }) => {
  const sent = await world.sender.send("traceless");
  const page = await visit("/");
  const seen: string[] = [];
  page.on("request", (request) => seen.push(`${request.url()} ${request.postData() ?? ""} ${JSON.stringify(request.headers())}`));
  await page.goto(sent.link);
  await sees(page, "open.ready.title");
  await hold(page);
  await getsSecret(page, "traceless");
  assert.equal(page.url(), `${world.handler.url}/s`);
  const session = await page.context().newCDPSession(page);
  const { entries } = await session.send("Page.getNavigationHistory");
  const addresses = entries.flatMap(({ url, userTypedURL }) => [url, userTypedURL]);
  assert.ok(addresses.includes(`${world.handler.url}/s`));
  const secretPart = sent.fragment.slice(0, 20);
  // What was typed is the browser's own note of this run: people press links, and type none.
  assert.deepEqual(entries.map(({ url }) => url).filter((address) => address.includes(secretPart)), []);
  assert.deepEqual(seen.filter((request) => request.replace(sent.link, "").includes(secretPart)), []);
});

world.scene("a reload is explained, and loses nothing that was not opened", async ({ visit }) => {
  const sent = await world.sender.send("reloaded");
  const page = await visit(sent.link);
  await sees(page, "open.ready.title");
  await page.reload();
  await sees(page, "open.paste.title");
  await reads(page, "open.paste.why");
  await pasteLink(page, sent.link);
  await hold(page);
  await getsSecret(page, "reloaded");
  await page.reload();
  await sees(page, "open.paste.title");
  assert.equal(await page.getByText("reloaded", { exact: true }).count(), 0);
});

world.scene("who goes back and forth finds the page without its secret", async ({ visit }) => {
  const sent = await world.sender.send("left behind");
  const page = await visit("/");
  await page.goto(sent.link);
  await hold(page);
  await getsSecret(page, "left behind");
  await page.goBack();
  await sees(page, "create.title");
  await page.goForward();
  await page.getByRole("heading", { level: 1, name: new RegExp(`${says("open.paste.title").source}|${says("open.dropped.title").source}`) }).waitFor();
  assert.ok(!(await page.content()).includes("left behind"));
});

world.scene("keys and contents are dropped when the page is hidden for good", async ({ visit }) => {
  const sent = await world.sender.send({ content: "dropped", views: 2 });
  const page = await visit(sent.link);
  const left = () => page.evaluate(() => dispatchEvent(new PageTransitionEvent("pagehide", { persisted: true })));
  await hold(page);
  await secret(page).waitFor();
  await left();
  await sees(page, "open.dropped.title");
  assert.ok(!(await page.content()).includes("dropped</"));
  await pasteLink(page, sent.link);
  await sees(page, "open.ready.title");
  await left();
  await sees(page, "open.dropped.title");
  await sent.becomes("live 1");
});

world.scene("clicks, double clicks and short presses take nothing, and say how to open it", async ({ visit }) => {
  const sent = await world.sender.send("not by a click");
  const page = await visit(sent.link);
  const taken = listReads(page);
  await seal(page).click();
  await reads(page, "open.press.early");
  await seal(page).dblclick();
  await seal(page).press("Enter");
  await seal(page).press("Space");
  await seal(page).evaluate((button) => {
    button.dispatchEvent(new MouseEvent("click", { bubbles: true }));
    button.dispatchEvent(new PointerEvent("pointerdown", { bubbles: true, isPrimary: true, button: 0 }));
    button.dispatchEvent(new KeyboardEvent("keydown", { bubbles: true, key: " " }));
  });
  await sees(page, "open.ready.title");
  assert.equal(await sent.state(), "live 1");
  assert.deepEqual(taken, []);
  await hold(page);
  await getsSecret(page, "not by a click");
  assert.equal(taken.length, 1);
});

world.scene("a double click on the seal that is being opened reads once", async ({ visit }) => {
  const sent = await world.sender.send({ content: "held once", views: 2 });
  const page = await visit(sent.link);
  const taken = listReads(page);
  const answer = new Latch();
  await page.route("**/read", async (route) => {
    await answer.opened;
    await route.continue();
  });
  await hold(page);
  await page.getByTestId("wax").dblclick({ force: true });
  await page.mouse.down();
  answer.open();
  await secret(page).waitFor();
  await page.mouse.up();
  assert.equal(taken.length, 1);
  assert.equal(await sent.state(), "live 1");
});

world.scene("who cannot hold types four digits", async ({ visit }) => {
  const sent = await world.sender.send("typed");
  const page = await visit(sent.link);
  await page.getByText(says("open.typed.offer")).click();
  const box = page.locator(".typed input");
  await box.fill("0000");
  await box.press("Enter");
  await page.locator(".typed .error").waitFor();
  assert.equal(await sent.state(), "live 1");
  const label = await page.locator(".typed label").textContent();
  await box.fill(/\d{4}/.exec(label ?? "")?.[0] ?? "");
  await button(page, "open.typed.submit").click();
  await getsSecret(page, "typed");
});

world.scene("of two tabs that read at once one wins, and the other says so", async ({ visit }) => {
  const sent = await world.sender.send("for one of two");
  const tabs = [await visit(sent.link), await visit(sent.link)];
  const both = new Latch();
  let waiting = 0;
  for (const tab of tabs) {
    await tab.route("**/read", async (route) => {
      waiting += 1;
      if (waiting === 2) {
        both.open();
      }
      await both.opened;
      await route.continue();
    });
    await hold(tab);
  }
  const ends = await Promise.all(
    tabs.map(async (tab) => {
      const end = tab.getByRole("heading", { level: 1, name: new RegExp(`${says("open.shown.title").source}|${says("open.gone.read.title").source}`) });
      return (await end.textContent()) ?? "";
    }),
  );
  assert.equal(ends.filter((end) => says("open.shown.title").test(end)).length, 1, ends.join());
  assert.equal(ends.filter((end) => says("open.gone.read.title").test(end)).length, 1, ends.join());
});

world.scene("a text is copied, saved, and hidden after a minute", async ({ visit }) => {
  const sent = await world.sender.send("for a minute");
  const page = await visit(sent.link, { prepare: (fresh) => fresh.clock.install() });
  await hold(page);
  await getsSecret(page, "for a minute");
  await button(page, "common.copy").click();
  await button(page, "common.copied").waitFor();
  assert.equal(await clipboard(page), "for a minute");
  const saved = await saves(page, button(page, "open.save.text"));
  assert.deepEqual([saved.name, saved.bytes.toString()], ["secret.txt", "for a minute"]);
  await page.clock.fastForward(61_000);
  await reads(page, "open.text.hidden");
  assert.equal(await secret(page).count(), 0);
  await button(page, "open.text.show").click();
  await secret(page).getByText("for a minute").waitFor();
  await button(page, "open.forget").click();
  await sees(page, "open.dropped.title");
});

world.scene("Markdown and code are views on request", async ({ visit }) => {
  const sent = await world.sender.send("# Access\n\n- user **root**\n- `hunter2`\n");
  const page = await visit(sent.link);
  await hold(page);
  await secret(page).getByText("# Access").waitFor();
  await page.locator(".views select").selectOption("markdown");
  await secret(page).getByRole("listitem").getByText("root").waitFor();
  assert.equal(await secret(page).locator("strong").textContent(), "root");
  await page.locator(".views select").selectOption("code");
  assert.equal(await secret(page).locator(".line").count(), 4);
});

world.scene("a link pasted over the address of the page is opened in its place", async ({ visit }) => {
  const [first, second] = [await world.sender.send("the first"), await world.sender.send("the second")];
  const page = await visit(first.link);
  await sees(page, "open.ready.title");
  await page.goto(second.link); // changes nothing but the fragment
  await sees(page, "open.ready.title");
  assert.equal(page.url(), `${world.handler.url}/s`);
  await hold(page);
  await getsSecret(page, "the second");
  assert.equal(await first.state(), "live 1");
});

world.scene("a manage link pasted where links are opened leads to the screen that manages", async ({ visit }) => {
  const sent = await world.sender.send("managed");
  const page = await visit("/s");
  await pasteLink(page, sent.manageLink);
  await sees(page, "manage.title");
  await page.getByText(within("manage.event.created")).waitFor();
});
