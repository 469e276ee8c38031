import assert from "node:assert/strict";
import { test } from "node:test";
import { textColourOn, parseBranding } from "../src/app/branding.js";

test("an invalid branding is ignored", () => {
  for (const body of [undefined, null, [], "x", { name: 1, logo: {}, links: "x" }]) {
    assert.deepEqual(parseBranding(body), { links: [] });
  }
});

test("a logo is a path at this origin, and a link is no script", () => {
  for (const logo of ["https://evil.example/x.png", "//evil.example/x.png", "/a?b", "data:image/png,x", "logo.png"]) {
    assert.equal(parseBranding({ logo }).logo, undefined, logo);
  }
  const links = ["javascript:alert(1)", "//evil.example", "/imprint", "data:text/html,x", "http://a.example/", "https://a.example/", "mailto:a@a.example"];
  const kept = parseBranding({ links: links.map((href) => ({ label: "x", href })) }).links.map(({ href }) => href);
  assert.deepEqual(kept, links.slice(5));
  assert.deepEqual(parseBranding({ name: "N", logo: "/b/logo.svg", text: "T" }), { name: "N", logo: "/b/logo.svg", text: "T", links: [] });
});

test("text on the accent has the colour with the better contrast", () => {
  assert.equal(textColourOn("#9a2420"), "#ffffff");
  assert.equal(textColourOn("#f0958a"), "#000000");
  assert.equal(textColourOn("#ffffff"), "#000000");
  assert.equal(textColourOn("#000000"), "#ffffff");
});
