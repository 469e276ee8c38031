import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { sees } from "../support/actions.js";
import { createWorld } from "../support/fixture.js";

const world = createWorld();

/** Lets whoever got a script into the page try what such scripts do; returns what worked. */
async function attack(page: Page): Promise<readonly string[]> {
  return page.evaluate(async () => {
    await new Promise((later) => setTimeout(later)); // away from the debugger, which may run texts
    const worked: string[] = [];
    const attempt = async (name: string, act: () => unknown): Promise<void> => {
      try {
        if ((await act()) !== false) {
          worked.push(name);
        }
      } catch {
        // refused
      }
    };
    const ran = (): boolean => Reflect.get(globalThis, "ran") === true;
    await attempt("innerHTML", () => {
      document.body.innerHTML = "<b>x</b>";
    });
    await attempt("document.write", () => document.write("<b>x</b>"));
    await attempt("eval", () => (0, eval)("1"));
    await attempt("Function", () => Function("return 1")());
    await attempt("a timer of text", () => Reflect.apply(setTimeout, globalThis, ["ran = true"]));
    await attempt("an inline script", () => {
      const script = document.createElement("script");
      script.textContent = "ran = true";
      document.body.append(script);
      return ran();
    });
    await attempt("a handler in an attribute", () => {
      const button = document.createElement("button");
      button.setAttribute("onclick", "ran = true");
      document.body.append(button);
      button.click();
      return ran();
    });
    await attempt("WebAssembly", () => WebAssembly.compile(Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0)));
    await attempt("another policy", () => Reflect.get(globalThis, "trustedTypes").createPolicy("other", {}));
    await attempt("a Worker of a blob", () => new Worker(URL.createObjectURL(new Blob(["1"]))));
    await attempt("a call to a stranger", () => fetch("https://stranger.example/"));
    await attempt("a beacon to a stranger", () => {
      navigator.sendBeacon("https://stranger.example/");
      return false; // it is seen by the request
    });
    await attempt("a socket to a stranger", () => new Promise((open, refuse) => {
      const socket = new WebSocket("wss://stranger.example/");
      socket.onopen = open;
      socket.onerror = refuse;
    }));
    const loads = (element: HTMLElement): Promise<unknown> => new Promise((load, refuse) => {
      element.onload = load;
      element.onerror = refuse;
      document.body.append(element);
    });
    await attempt("an image of a stranger", () => loads(Object.assign(new Image(), { src: "https://stranger.example/x.png" })));
    await attempt("a style sheet of a stranger", () => loads(Object.assign(document.createElement("link"), { rel: "stylesheet", href: "https://stranger.example/x.css" })));
    await attempt("a form to a stranger", () => {
      const form = Object.assign(document.createElement("form"), { action: "https://stranger.example/", method: "post" });
      document.body.append(form);
      form.submit();
      return false; // what it does is seen by the address
    });
    await attempt("a base elsewhere", () => {
      document.head.append(Object.assign(document.createElement("base"), { href: "https://stranger.example/" }));
      return document.baseURI.includes("stranger");
    });
    return worked;
  });
}

world.scene("a script that got into the page can run no text, and tell nobody", async ({ visit, allow }) => {
  const reports: string[] = [];
  allow(/policy: |Content Security Policy|Content-Security-Policy|Trusted|WebSocket|wasm|stranger\.example/);
  const page = await visit("/");
  await sees(page, "create.title");
  const sent: string[] = [];
  page.on("console", (message) => reports.push(message.text()));
  page.on("requestfinished", (request) => sent.push(request.url()));
  assert.deepEqual(await attack(page), []);
  assert.equal(page.url(), `${world.handler.url}/`);
  assert.deepEqual(sent.filter((url) => url.includes("stranger")), []);
  assert.ok(reports.filter((report) => report.startsWith("policy: ")).length > 10, `the policy reports: ${reports.join("\n")}`);
});

world.scene("the page shows itself in nobody's frame", async ({ visit, allow }) => {
  allow(/frame-ancestors|refused to connect|ERR_BLOCKED_BY_RESPONSE/i);
  const page = await visit("about:blank");
  await page.setContent(`<iframe src="${world.handler.url}/"></iframe>`);
  await page.waitForLoadState("networkidle");
  const inside = page.frames().filter((frame) => frame !== page.mainFrame());
  const texts = await Promise.all(inside.map((frame) => frame.locator("body").textContent().catch(() => "")));
  assert.ok(!texts.join().includes("Secure Secret Sharer"), texts.join());
});
