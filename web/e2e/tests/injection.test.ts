import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { waitForHeading } from "../support/actions.js";
import { createFixture } from "../support/fixture.js";

const fixture = createFixture();

/** Runs in the page what an injected script would try. Returns what succeeded. */
async function attack(page: Page): Promise<readonly string[]> {
  return page.evaluate(async () => {
    await new Promise((later) => setTimeout(later)); // leave the debugger, which may evaluate texts
    const succeeded: string[] = [];
    const attempt = async (name: string, run: () => unknown): Promise<void> => {
      try {
        if ((await run()) !== false) {
          succeeded.push(name);
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
    await attempt("a timer with a text", () => Reflect.apply(setTimeout, globalThis, ["ran = true"]));
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
    await attempt("a Worker from a blob", () => new Worker(URL.createObjectURL(new Blob(["1"]))));
    await attempt("a call to another origin", () => fetch("https://other.example/"));
    await attempt("a beacon to another origin", () => {
      navigator.sendBeacon("https://other.example/");
      return false; // the test checks the requests
    });
    await attempt("a socket to another origin", () => new Promise((open, refuse) => {
      const socket = new WebSocket("wss://other.example/");
      socket.onopen = open;
      socket.onerror = refuse;
    }));
    const loads = (element: HTMLElement): Promise<unknown> => new Promise((load, refuse) => {
      element.onload = load;
      element.onerror = refuse;
      document.body.append(element);
    });
    await attempt("an image from another origin", () => loads(Object.assign(new Image(), { src: "https://other.example/x.png" })));
    await attempt("a style sheet from another origin", () => loads(Object.assign(document.createElement("link"), { rel: "stylesheet", href: "https://other.example/x.css" })));
    await attempt("a form to another origin", () => {
      const form = Object.assign(document.createElement("form"), { action: "https://other.example/", method: "post" });
      document.body.append(form);
      form.submit();
      return false; // the test checks the address
    });
    await attempt("a base at another origin", () => {
      document.head.append(Object.assign(document.createElement("base"), { href: "https://other.example/" }));
      return document.baseURI.includes("other");
    });
    return succeeded;
  });
}

fixture.test("an injected script cannot evaluate text or send anything", async ({ visit, allow }) => {
  const reports: string[] = [];
  allow(/policy: |Content Security Policy|Content-Security-Policy|Trusted|WebSocket|wasm|other\.example/);
  const page = await visit("/");
  await waitForHeading(page, "create.title");
  const sent: string[] = [];
  page.on("console", (message) => reports.push(message.text()));
  page.on("requestfinished", (request) => sent.push(request.url()));
  assert.deepEqual(await attack(page), []);
  assert.equal(page.url(), `${fixture.handler.url}/`);
  assert.deepEqual(sent.filter((url) => url.includes("other")), []);
  assert.ok(reports.filter((report) => report.startsWith("policy: ")).length > 10, `the reports of the policy: ${reports.join("\n")}`);
});

fixture.test("no other page can show this one in a frame", async ({ visit, allow }) => {
  allow(/frame-ancestors|refused to connect|ERR_BLOCKED_BY_RESPONSE/i);
  const page = await visit("about:blank");
  await page.setContent(`<iframe src="${fixture.handler.url}/"></iframe>`);
  await page.waitForLoadState("networkidle");
  const inside = page.frames().filter((frame) => frame !== page.mainFrame());
  const texts = await Promise.all(inside.map((frame) => frame.locator("body").textContent().catch(() => "")));
  assert.ok(!texts.join().includes("Secure Secret Sharer"), texts.join());
});
