/** All screens, and how to reach each, for tests that apply to every screen and for screenshots. */
import type { Page } from "playwright-core";
import { addPassphrase, button, create, field, pasteLink, pressWax, waitForHeading, waitForText, wax } from "./actions.js";
import type { Sender } from "./sender.js";
import type { Visit } from "./fixture.js";

/** What is needed to reach a screen. */
export interface Stage {
  readonly sender: Sender;
  visit(address: string, options?: Visit): Promise<Page>;
}

export interface Screen {
  readonly name: string;
  show(stage: Stage): Promise<Page>;
}

/** The settings with which all screens can be shown. */
export const settings = { SSS_MIN_TTL: "1s", SSS_TRIES: "3" };

const text = "Server: db.example.com\nUser: maria\nPassword: correct-horse-9-battery";

async function opened(stage: Stage, link: string): Promise<Page> {
  const page = await stage.visit(link);
  await pressWax(page);
  return page;
}

async function shown(page: Page, ...keys: readonly string[]): Promise<Page> {
  await waitForHeading(page, keys[0] ?? "");
  for (const key of keys.slice(1)) {
    await waitForText(page, key);
  }
  return page;
}

export const screens: readonly Screen[] = [
  {
    name: "create",
    async show({ visit }) {
      const page = await visit("/");
      await field(page, "create.secret").waitFor();
      await page.waitForLoadState("networkidle");
      return page;
    },
  },
  {
    name: "create-filled",
    async show({ visit }) {
      const page = await visit("/");
      await field(page, "create.secret").fill(text);
      await addPassphrase(page, "teapot march velvet");
      return page;
    },
  },
  {
    name: "create-refused",
    async show({ visit }) {
      const page = await visit("/");
      await button(page, "create.submit").click();
      await waitForText(page, "create.empty");
      return page;
    },
  },
  {
    name: "create-file",
    async show({ visit }) {
      const page = await visit("/");
      const buffer = Buffer.alloc(48_213, 7);
      await page.getByTestId("file").setInputFiles({ name: "client-certificate.p12", mimeType: "application/x-pkcs12", buffer });
      await button(page, "create.remove").waitFor();
      return page;
    },
  },
  {
    name: "link",
    async show({ visit }) {
      const page = await visit("/");
      await create(page, text);
      return page;
    },
  },
  {
    name: "link-passphrase",
    async show({ visit }) {
      const page = await visit("/");
      await addPassphrase(page, "teapot march velvet onion rocket summer");
      await create(page, text);
      await button(page, "create.qr_show").click();
      await page.locator(".qr path[d*=h1v1]").waitFor({ state: "attached" });
      await button(page, "manage.remember").click();
      return page;
    },
  },
  {
    name: "open",
    async show({ visit, sender }) {
      return shown(await visit((await sender.send(text)).link), "open.ready.title");
    },
  },
  {
    name: "open-passphrase",
    async show({ visit, sender }) {
      const page = await visit((await sender.send({ content: text, passphrase: "right", views: 2 })).link);
      await field(page, "open.passphrase.label").fill("wrong");
      await pressWax(page);
      await page.locator("[aria-invalid=true]").waitFor();
      return page;
    },
  },
  {
    name: "open-typed",
    async show({ visit, sender }) {
      const page = await visit((await sender.send(text)).link);
      await wax(page).click();
      await page.locator(".typed[open]").waitFor();
      return page;
    },
  },
  {
    name: "secret",
    async show(stage) {
      return shown(await opened(stage, (await stage.sender.send(text)).link), "open.shown.title", "open.shown.gone");
    },
  },
  {
    name: "secret-markdown",
    async show(stage) {
      const content = "# Access\n\n1. Go to *db.example.com*\n2. User **maria**\n\n```\npsql -h db.example.com\n```\n\n> Change it today.";
      const page = await opened(stage, (await stage.sender.send(content)).link);
      await page.locator(".views select").selectOption("markdown");
      return shown(page, "open.shown.title", "open.shown.gone");
    },
  },
  {
    name: "file",
    async show(stage) {
      const sent = await stage.sender.send({ content: Buffer.alloc(48_213, 7), name: "client-certificate.p12" });
      return shown(await opened(stage, sent.link), "open.shown.file", "open.shown.due");
    },
  },
  {
    name: "read-already",
    async show({ visit, sender }) {
      const sent = await sender.send(text);
      await sent.read();
      return shown(await visit(sent.link), "open.gone.read.title");
    },
  },
  {
    name: "revoked",
    async show({ visit, sender }) {
      const sent = await sender.send(text);
      await sent.revoke();
      return shown(await visit(sent.link), "open.gone.revoked.title");
    },
  },
  {
    name: "expired",
    async show({ visit, sender }) {
      const sent = await sender.send({ content: text, ttl: 1 });
      await sent.waitForState("expired");
      return shown(await visit(sent.link), "open.gone.expired.title");
    },
  },
  {
    name: "frozen",
    async show({ visit, sender }) {
      const sent = await sender.send({ content: text, passphrase: "right" });
      await Promise.all([sent.tryWrongPassphrase(), sent.tryWrongPassphrase(), sent.tryWrongPassphrase()]);
      return shown(await visit(sent.link), "open.frozen.title");
    },
  },
  {
    name: "held",
    async show({ visit, sender }) {
      const sent = await sender.send(text);
      await sent.hold();
      return shown(await visit(sent.link), "open.held.title");
    },
  },
  {
    name: "unknown",
    async show({ visit, sender }) {
      const page = await visit("/s");
      await page.route("**/api/secrets/*", (route) =>
        route.fallback({ headers: { ...route.request().headers(), "secret-access": "A".repeat(43) } }),
      );
      await pasteLink(page, (await sender.send(text)).link);
      return shown(page, "open.unknown.title");
    },
  },
  {
    name: "damaged",
    async show({ visit, sender }) {
      return shown(await visit((await sender.send(text)).link.slice(0, -12)), "open.damaged.title");
    },
  },
  {
    name: "paste",
    async show({ visit }) {
      return shown(await visit("/s"), "open.paste.title");
    },
  },
  {
    name: "other-server",
    async show({ visit, sender }) {
      const page = await visit("/s");
      await pasteLink(page, (await sender.send(text)).link.replace(/^[^#]+\/s/, "https://other.example/s"));
      return shown(page, "open.elsewhere.title");
    },
  },
  {
    name: "old-browser",
    async show({ visit, sender }) {
      const removeCrypto = (): unknown => Object.defineProperty(crypto, "subtle", { value: undefined });
      const { link } = await sender.send(text);
      return shown(await visit(link, { prepare: (page) => page.addInitScript(removeCrypto) }), "open.old.title");
    },
  },
  {
    name: "no-answer",
    async show({ visit, sender }) {
      const page = await visit("/s");
      await page.route("**/api/secrets/**", (route) => route.fulfill({ status: 200, contentType: "text/html", body: "" }));
      await pasteLink(page, (await sender.send(text)).link);
      return shown(page, "open.trouble.title");
    },
  },
  {
    name: "dropped",
    async show({ visit, sender }) {
      const page = await visit((await sender.send(text)).link);
      await waitForHeading(page, "open.ready.title");
      await page.evaluate(() => dispatchEvent(new PageTransitionEvent("pagehide", { persisted: true })));
      return shown(page, "open.dropped.title");
    },
  },
  {
    name: "manage",
    async show({ visit, sender }) {
      const sent = await sender.send({ content: text, views: 3, passphrase: "right" });
      await sent.tryWrongPassphrase();
      await sent.read();
      return shown(await visit(sent.manageLink), "manage.title", "manage.event.acked");
    },
  },
  {
    name: "manage-frozen",
    async show({ visit, sender }) {
      const sent = await sender.send({ content: text, passphrase: "right" });
      await Promise.all([sent.tryWrongPassphrase(), sent.tryWrongPassphrase(), sent.tryWrongPassphrase()]);
      const page = await visit(sent.manageLink);
      await button(page, "manage.unlock").waitFor();
      await button(page, "manage.revoke").click();
      await button(page, "manage.revoke.yes").waitFor();
      return page;
    },
  },
  {
    name: "manage-paste",
    async show({ visit }) {
      return shown(await visit("/m"), "manage.paste.title");
    },
  },
  {
    name: "mine",
    async show({ visit, sender }) {
      const [read, waiting] = [await sender.send(text), await sender.send(text)];
      await read.read();
      const page = await visit("/mine");
      await page.evaluate(
        (links) => localStorage.setItem("secrets", JSON.stringify(links.map((link, i) => ({ link, ...(i === 0 && { label: "Database, for Maria" }), expires: 1795683600 + i * 172800 })))),
        [read.manageLink, waiting.manageLink],
      );
      await page.reload();
      await page.locator(".state.live").waitFor();
      await page.locator(".state.read").waitFor();
      return page;
    },
  },
  {
    name: "how-it-works",
    async show({ visit }) {
      const page = await visit("/mine");
      await waitForHeading(page, "mine.title");
      await page.locator("footer summary").click();
      return page;
    },
  },
];
