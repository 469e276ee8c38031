/** Every screen there is, with the way to it: for what must hold on each of them, and for pictures. */
import type { Page } from "playwright-core";
import { addPassphrase, button, create, field, hold, pasteLink, reads, seal, sees } from "./actions.js";
import type { Sender } from "./sender.js";
import type { Visit } from "./fixture.js";

/** What the way to a screen may use. */
export interface Stage {
  readonly sender: Sender;
  visit(address: string, options?: Visit): Promise<Page>;
}

export interface Screen {
  readonly name: string;
  show(stage: Stage): Promise<Page>;
}

/** Settings that all of them can be shown under. */
export const settings = { SSS_MIN_TTL: "1s", SSS_TRIES: "3" };

const letter = "Server: db.example.com\nUser: maria\nPassword: correct-horse-9-battery";

async function opened(stage: Stage, link: string): Promise<Page> {
  const page = await stage.visit(link);
  await hold(page);
  return page;
}

async function shown(page: Page, ...keys: readonly string[]): Promise<Page> {
  await sees(page, keys[0] ?? "");
  for (const key of keys.slice(1)) {
    await reads(page, key);
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
      await field(page, "create.secret").fill(letter);
      await addPassphrase(page, "teapot march velvet");
      return page;
    },
  },
  {
    name: "create-refused",
    async show({ visit }) {
      const page = await visit("/");
      await button(page, "create.submit").click();
      await reads(page, "create.empty");
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
      await create(page, letter);
      return page;
    },
  },
  {
    name: "link-passphrase",
    async show({ visit }) {
      const page = await visit("/");
      await addPassphrase(page, "teapot march velvet onion rocket summer");
      await create(page, letter);
      await button(page, "create.qr_show").click();
      await page.locator(".qr path[d*=h1v1]").waitFor({ state: "attached" });
      await button(page, "manage.remember").click();
      return page;
    },
  },
  {
    name: "open",
    async show({ visit, sender }) {
      return shown(await visit((await sender.send(letter)).link), "open.ready.title");
    },
  },
  {
    name: "open-passphrase",
    async show({ visit, sender }) {
      const page = await visit((await sender.send({ content: letter, passphrase: "right", views: 2 })).link);
      await field(page, "open.passphrase.label").fill("wrong");
      await hold(page);
      await page.locator("[aria-invalid=true]").waitFor();
      return page;
    },
  },
  {
    name: "open-typed",
    async show({ visit, sender }) {
      const page = await visit((await sender.send(letter)).link);
      await seal(page).click();
      await page.locator(".typed[open]").waitFor();
      return page;
    },
  },
  {
    name: "secret",
    async show(stage) {
      return shown(await opened(stage, (await stage.sender.send(letter)).link), "open.shown.title", "open.shown.gone");
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
      const sent = await sender.send(letter);
      await sent.read();
      return shown(await visit(sent.link), "open.gone.read.title");
    },
  },
  {
    name: "revoked",
    async show({ visit, sender }) {
      const sent = await sender.send(letter);
      await sent.revoke();
      return shown(await visit(sent.link), "open.gone.revoked.title");
    },
  },
  {
    name: "expired",
    async show({ visit, sender }) {
      const sent = await sender.send({ content: letter, ttl: 1 });
      await sent.becomes("expired");
      return shown(await visit(sent.link), "open.gone.expired.title");
    },
  },
  {
    name: "frozen",
    async show({ visit, sender }) {
      const sent = await sender.send({ content: letter, passphrase: "right" });
      await Promise.all([sent.tryWrong(), sent.tryWrong(), sent.tryWrong()]);
      return shown(await visit(sent.link), "open.frozen.title");
    },
  },
  {
    name: "held",
    async show({ visit, sender }) {
      const sent = await sender.send(letter);
      await sent.hold();
      return shown(await visit(sent.link), "open.held.title");
    },
  },
  {
    name: "unknown",
    async show({ visit, sender }) {
      const page = await visit("/s");
      await page.route("**/api/secrets/*", (route) =>
        route.continue({ headers: { ...route.request().headers(), "secret-access": "A".repeat(43) } }),
      );
      await pasteLink(page, (await sender.send(letter)).link);
      return shown(page, "open.unknown.title");
    },
  },
  {
    name: "damaged",
    async show({ visit, sender }) {
      return shown(await visit((await sender.send(letter)).link.slice(0, -12)), "open.damaged.title");
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
      await pasteLink(page, (await sender.send(letter)).link.replace(/^[^#]+\/s/, "https://secrets.example/s"));
      return shown(page, "open.elsewhere.title");
    },
  },
  {
    name: "old-browser",
    async show({ visit, sender }) {
      const spoil = (): unknown => Object.defineProperty(crypto, "subtle", { value: undefined });
      const { link } = await sender.send(letter);
      return shown(await visit(link, { prepare: (page) => page.addInitScript(spoil) }), "open.old.title");
    },
  },
  {
    name: "no-answer",
    async show({ visit, sender }) {
      const page = await visit("/s");
      await page.route("**/api/secrets/**", (route) => route.fulfill({ status: 200, contentType: "text/html", body: "" }));
      await pasteLink(page, (await sender.send(letter)).link);
      return shown(page, "open.trouble.title");
    },
  },
  {
    name: "dropped",
    async show({ visit, sender }) {
      const page = await visit((await sender.send(letter)).link);
      await sees(page, "open.ready.title");
      await page.evaluate(() => dispatchEvent(new PageTransitionEvent("pagehide", { persisted: true })));
      return shown(page, "open.dropped.title");
    },
  },
  {
    name: "manage",
    async show({ visit, sender }) {
      const sent = await sender.send({ content: letter, views: 3, passphrase: "right" });
      await sent.tryWrong();
      await sent.read();
      return shown(await visit(sent.manageLink), "manage.title", "manage.event.acked");
    },
  },
  {
    name: "manage-frozen",
    async show({ visit, sender }) {
      const sent = await sender.send({ content: letter, passphrase: "right" });
      await Promise.all([sent.tryWrong(), sent.tryWrong(), sent.tryWrong()]);
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
      const [read, waiting] = [await sender.send(letter), await sender.send(letter)];
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
      await sees(page, "mine.title");
      await page.locator("footer summary").click();
      return page;
    },
  },
];
