import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { button, clipboard, download, pasteLink, pressWax, secret, waitForHeading, waitForSecret, waitForText, wax } from "../support/actions.js";
import { partOfText, wholeText } from "../support/texts.js";
import { createFixture } from "../support/fixture.js";

const fixture = createFixture();

/** Returns a promise with the function that resolves it. */
function deferred(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  let resolve = (): void => undefined;
  const promise = new Promise<void>((done) => (resolve = done));
  return { promise, resolve };
}

/** Lists the Idempotency-Keys of the requests that would take a view. */
function listReads(page: Page): string[] {
  const keys: string[] = [];
  page.on("request", (request) => {
    if (request.url().endsWith("/read")) {
      keys.push(request.headers()["idempotency-key"] ?? "");
    }
  });
  return keys;
}

fixture.test("looking takes no view, pressing opens, and the view is acknowledged once it is on the screen", async ({ visit }) => {
  const sent = await fixture.sender.send("looked at first");
  const page = await visit(sent.link);
  await waitForHeading(page, "open.ready.title");
  assert.equal(await sent.state(), "live 1");
  await pressWax(page);
  await waitForSecret(page, "looked at first");
  assert.deepEqual(await sent.events(), ["created", "read", "acked"]);
});

fixture.test("the fragment is not in the address bar, the list of the back button or a request", async ({ visit }) => {
  const sent = await fixture.sender.send("traceless");
  const page = await visit("/");
  const seen: string[] = [];
  page.on("request", (request) => seen.push(`${request.url()} ${request.postData() ?? ""} ${JSON.stringify(request.headers())}`));
  await page.goto(sent.link);
  await waitForHeading(page, "open.ready.title");
  await pressWax(page);
  await waitForSecret(page, "traceless");
  assert.equal(page.url(), `${fixture.handler.url}/s`);
  const session = await page.context().newCDPSession(page);
  const { entries } = await session.send("Page.getNavigationHistory");
  const addresses = entries.flatMap(({ url, userTypedURL }) => [url, userTypedURL]);
  assert.ok(addresses.includes(`${fixture.handler.url}/s`));
  const secretPart = sent.fragment.slice(0, 20);
  // userTypedURL is left out: goto counts as typing, while people click links.
  assert.deepEqual(entries.map(({ url }) => url).filter((address) => address.includes(secretPart)), []);
  assert.deepEqual(seen.filter((request) => request.replace(sent.link, "").includes(secretPart)), []);
});

fixture.test("a reload is explained, and an unopened secret is not lost", async ({ visit }) => {
  const sent = await fixture.sender.send("reloaded");
  const page = await visit(sent.link);
  await waitForHeading(page, "open.ready.title");
  await page.reload();
  await waitForHeading(page, "open.paste.title");
  await waitForText(page, "open.paste.why");
  await pasteLink(page, sent.link);
  await pressWax(page);
  await waitForSecret(page, "reloaded");
  await page.reload();
  await waitForHeading(page, "open.paste.title");
  assert.equal(await page.getByText("reloaded", { exact: true }).count(), 0);
});

fixture.test("going back and forward shows the page without the secret", async ({ visit }) => {
  const sent = await fixture.sender.send("left behind");
  const page = await visit("/");
  await page.goto(sent.link);
  await pressWax(page);
  await waitForSecret(page, "left behind");
  await page.goBack();
  await waitForHeading(page, "create.title");
  await page.goForward();
  await page.getByRole("heading", { level: 1, name: new RegExp(`${wholeText("open.paste.title").source}|${wholeText("open.dropped.title").source}`) }).waitFor();
  assert.ok(!(await page.content()).includes("left behind"));
});

fixture.test("keys and content are dropped when the page is left", async ({ visit }) => {
  const sent = await fixture.sender.send({ content: "dropped", views: 2 });
  const page = await visit(sent.link);
  const left = () => page.evaluate(() => dispatchEvent(new PageTransitionEvent("pagehide", { persisted: true })));
  await pressWax(page);
  await secret(page).waitFor();
  await left();
  await waitForHeading(page, "open.dropped.title");
  assert.ok(!(await page.content()).includes("dropped</"));
  await pasteLink(page, sent.link);
  await waitForHeading(page, "open.ready.title");
  await left();
  await waitForHeading(page, "open.dropped.title");
  await sent.waitForState("live 1");
});

fixture.test("clicks, double clicks and short presses take no view, and the page explains how to open", async ({ visit }) => {
  const sent = await fixture.sender.send("not by a click");
  const page = await visit(sent.link);
  const taken = listReads(page);
  await wax(page).click();
  await waitForText(page, "open.press.early");
  await wax(page).dblclick();
  await wax(page).press("Enter");
  await wax(page).press("Space");
  await wax(page).evaluate((button) => {
    button.dispatchEvent(new MouseEvent("click", { bubbles: true }));
    button.dispatchEvent(new PointerEvent("pointerdown", { bubbles: true, isPrimary: true, button: 0 }));
    button.dispatchEvent(new KeyboardEvent("keydown", { bubbles: true, key: " " }));
  });
  await waitForHeading(page, "open.ready.title");
  assert.equal(await sent.state(), "live 1");
  assert.deepEqual(taken, []);
  await pressWax(page);
  await waitForSecret(page, "not by a click");
  assert.equal(taken.length, 1);
});

fixture.test("a double click during the opening takes no second view", async ({ visit }) => {
  const sent = await fixture.sender.send({ content: "held once", views: 2 });
  const page = await visit(sent.link);
  const taken = listReads(page);
  const answer = deferred();
  await page.route("**/read", async (route) => {
    await answer.promise;
    await route.continue();
  });
  await pressWax(page);
  await page.getByTestId("wax").dblclick({ force: true });
  await page.mouse.down();
  answer.resolve();
  await secret(page).waitFor();
  await page.mouse.up();
  assert.equal(taken.length, 1);
  assert.equal(await sent.state(), "live 1");
});

fixture.test("four digits can be typed instead of pressing", async ({ visit }) => {
  const sent = await fixture.sender.send("typed");
  const page = await visit(sent.link);
  await page.getByText(wholeText("open.typed.offer")).click();
  const box = page.locator(".typed input");
  await box.fill("0000");
  await box.press("Enter");
  await page.locator(".typed .error").waitFor();
  assert.equal(await sent.state(), "live 1");
  const label = await page.locator(".typed label").textContent();
  await box.fill(/\d{4}/.exec(label ?? "")?.[0] ?? "");
  await button(page, "open.typed.submit").click();
  await waitForSecret(page, "typed");
});

fixture.test("of two tabs that read at the same time one gets the secret, the other an explanation", async ({ visit }) => {
  const sent = await fixture.sender.send("for one of two");
  const tabs = [await visit(sent.link), await visit(sent.link)];
  const both = deferred();
  let waiting = 0;
  for (const tab of tabs) {
    await tab.route("**/read", async (route) => {
      waiting += 1;
      if (waiting === 2) {
        both.resolve();
      }
      await both.promise;
      await route.continue();
    });
    await pressWax(tab);
  }
  const ends = await Promise.all(
    tabs.map(async (tab) => {
      const end = tab.getByRole("heading", { level: 1, name: new RegExp(`${wholeText("open.shown.title").source}|${wholeText("open.gone.read.title").source}`) });
      return (await end.textContent()) ?? "";
    }),
  );
  assert.equal(ends.filter((end) => wholeText("open.shown.title").test(end)).length, 1, ends.join());
  assert.equal(ends.filter((end) => wholeText("open.gone.read.title").test(end)).length, 1, ends.join());
});

fixture.test("a text is copied, saved and hidden after a minute", async ({ visit }) => {
  const sent = await fixture.sender.send("for a minute");
  const page = await visit(sent.link, { prepare: (fresh) => fresh.clock.install() });
  await pressWax(page);
  await waitForSecret(page, "for a minute");
  await button(page, "common.copy").click();
  await button(page, "common.copied").waitFor();
  assert.equal(await clipboard(page), "for a minute");
  const saved = await download(page, button(page, "open.save.text"));
  assert.deepEqual([saved.name, saved.bytes.toString()], ["secret.txt", "for a minute"]);
  await page.clock.fastForward(61_000);
  await waitForText(page, "open.text.hidden");
  assert.equal(await secret(page).count(), 0);
  await button(page, "open.text.show").click();
  await secret(page).getByText("for a minute").waitFor();
  await button(page, "open.forget").click();
  await waitForHeading(page, "open.dropped.title");
});

fixture.test("Markdown and code can be chosen as views", async ({ visit }) => {
  const sent = await fixture.sender.send("# Access\n\n- user **root**\n- `hunter2`\n");
  const page = await visit(sent.link);
  await pressWax(page);
  await secret(page).getByText("# Access").waitFor();
  await page.locator(".views select").selectOption("markdown");
  await secret(page).getByRole("listitem").getByText("root").waitFor();
  assert.equal(await secret(page).locator("strong").textContent(), "root");
  await page.locator(".views select").selectOption("code");
  assert.equal(await secret(page).locator(".line").count(), 4);
});

fixture.test("a link pasted into the address bar replaces the first one", async ({ visit }) => {
  const [first, second] = [await fixture.sender.send("the first"), await fixture.sender.send("the second")];
  const page = await visit(first.link);
  await waitForHeading(page, "open.ready.title");
  await page.goto(second.link); // changes only the fragment
  await waitForHeading(page, "open.ready.title");
  assert.equal(page.url(), `${fixture.handler.url}/s`);
  await pressWax(page);
  await waitForSecret(page, "the second");
  assert.equal(await first.state(), "live 1");
});

fixture.test("a manage link pasted into the open screen leads to the manage screen", async ({ visit }) => {
  const sent = await fixture.sender.send("managed");
  const page = await visit("/s");
  await pasteLink(page, sent.manageLink);
  await waitForHeading(page, "manage.title");
  await page.getByText(partOfText("manage.event.created")).waitFor();
});
