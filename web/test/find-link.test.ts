import assert from "node:assert/strict";
import { test } from "node:test";
import { formatLink, formatManageLink, newLink, newManageLink } from "../src/format/link.js";
import { DamagedLink, findLink, findManageLink, isAddressOnly } from "../src/shared/find-link.js";

const origin = "https://secrets.example";
const link = await formatLink(newLink(origin, 4_000_000_000));
const manage = await formatManageLink(newManageLink(origin, new Uint8Array(20).fill(9)));
const escape = (text: string): string => text.replace("#", "%23");
const wrap = (text: string): string => text.replace(/(.{40})/g, "$1\r\n");

for (const [what, text] of [
  ["as it was sent", link],
  ["with %23 for #", escape(link)],
  ["with %2523 for #", link.replace("#", "%2523")],
  ["with a full stop", `${link}.`],
  ["in brackets", `(<${link}>),`],
  ["in quotation marks", `„${link}“`],
  ["with escaped quotation marks, as in an address bar", `${link}%E2%80%9C%3E%20`],
  ["wrapped over lines", wrap(link)],
  ["quoted in an answer", wrap(link).replaceAll("\n", "\n> ")],
  ["with soft hyphens and invisible spaces", link.replace(/(.{50})/g, "$1\u00ad\u200b")],
  ["in capitals", link.toUpperCase()],
  [
    "with letters for digits",
    link.replace(/#1(.*)$/, (_, body: string) => `#1${body.replaceAll("0", "O").replaceAll("1", "l")}`),
  ],
  ["in a sentence", `Here you are: ${link} , and bye.`],
  ["after another address", `See https://other.example/page and ${link}`],
  ["followed by a tracking parameter", `${link}?fbclid=abc`],
  ["with a tracking parameter", link.replace("/s#", "/s?utm_source=mail#")],
  ["with a slash before the #", link.replace("/s#", "/s/#")],
] as const) {
  test(`a link ${what} is found`, async () => assert.equal(await formatLink(await findLink(text)), link));
}

for (const [what, text, damage] of [
  ["cut off", link.slice(0, -1), "cut"],
  ["cut off early", link.slice(0, 30), "cut"],
  ["cut off after the #", link.slice(0, link.indexOf("#") + 1), "cut"],
  ["cut off within a sentence", `See ${link.slice(0, -5)}, which you can open.`, "cut"],
  ["with a letter changed", link.replace(/.$/, (last) => (last === "2" ? "4" : "2")), "changed"],
  ["of a later version", link.replace("#1", "#2"), "version"],
  ["of another kind", manage, "no-link"],
  ["that is another text", "hello", "no-link"],
  ["that is empty", "", "no-link"],
  ["with a broken escape", "%", "no-link"],
  ["with another scheme", link.replace("https:", "javascript:"), "no-link"],
] as const) {
  test(`a link ${what} is reported as ${damage}`, async () => {
    await assert.rejects(findLink(text), (error) => error instanceof DamagedLink && error.damage === damage);
  });
}

test("a manage link is found, and another link is not taken for one", async () => {
  assert.equal(await formatManageLink(await findManageLink(`<${wrap(escape(manage))}>`)), manage);
  await assert.rejects(findManageLink(link), DamagedLink);
});

test("a long text without a link is searched quickly", async () => {
  const long = "https://a/s?".repeat(100_000);
  await assert.rejects(findLink(long), DamagedLink);
});

test("only the address of a page without a link counts as such", () => {
  for (const text of ["https://secrets.example/s", "http://127.0.0.1:7071/m", "https://secrets.example/s/?utm=x", "https://secrets.example/s#"]) {
    assert.equal(isAddressOnly(text), true, text);
  }
  for (const text of ["", "hello", "https://secrets.example/", "https://secrets.example/s#1", "https://secrets.example/s%231", "see https://secrets.example/s"]) {
    assert.equal(isAddressOnly(text), false, text);
  }
});
