import assert from "node:assert/strict";
import { test } from "node:test";
import { inkOn, parseBranding } from "../src/app/branding.js";

test("what is no branding is none", () => {
  for (const body of [undefined, null, [], "x", { name: 1, logo: {}, links: "x" }]) {
    assert.deepEqual(parseBranding(body), { links: [] });
  }
});

test("a logo is a path of this origin, a link is no script", () => {
  for (const logo of ["https://evil.example/x.png", "//evil.example/x.png", "/a?b", "data:image/png,x", "logo.png"]) {
    assert.equal(parseBranding({ logo }).logo, undefined, logo);
  }
  const links = ["javascript:alert(1)", "//evil.example", "/imprint", "data:text/html,x", "http://a.example/", "https://a.example/", "mailto:a@a.example"];
  const kept = parseBranding({ links: links.map((href) => ({ label: "x", href })) }).links.map(({ href }) => href);
  assert.deepEqual(kept, links.slice(5));
  assert.deepEqual(parseBranding({ name: "N", logo: "/b/logo.svg", text: "T" }), { name: "N", logo: "/b/logo.svg", text: "T", links: [] });
});

test("on every colour stands the ink that is easier to read", () => {
  assert.equal(inkOn("#9a2420"), "#ffffff");
  assert.equal(inkOn("#f0958a"), "#000000");
  assert.equal(inkOn("#ffffff"), "#000000");
  assert.equal(inkOn("#000000"), "#ffffff");
});
