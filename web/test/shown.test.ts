import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { shorten } from "../src/screens/open/file-name.js";
import { pieces, sanitize, textOf } from "../src/screens/open/sanitize.js";
import { type Block, parseInline, parseMarkdown } from "../src/screens/open/markdown.js";
import { imageTypeOf } from "../src/screens/open/image-type.js";

const bytes = (text: string): Uint8Array<ArrayBuffer> => Uint8Array.from(text, (c) => c.charCodeAt(0));

describe("a text", () => {
  for (const [what, text, shown, replaced] of [
    ["directional overrides", "a\u202eb\u2066c\u2069", "a\\u202eb\\u2066c\\u2069", 3],
    ["control characters", "a\0b\x1b[31m\x7f\r", "a\\u0000b\\u001b[31m\\u007f\\u000d", 4],
    ["tags and other invisible characters", "a\u{e0041}\ufeff\u00ad", "a\\u{e0041}\\ufeff\\u00ad", 3],
    ["line feeds and tabs", "a\tb\r\nc\n", "a\tb\nc\n", 0],
    ["emoji, Arabic and Persian", "👩‍💻 سلام می‌خواهم\u200f", "👩‍💻 سلام می‌خواهم\u200f", 0],
    ["HTML", "<img src=x onerror=alert(1)>", "<img src=x onerror=alert(1)>", 0],
  ] as const) {
    test(`shows ${what}`, () => assert.deepEqual(sanitize(text), { text: shown, replaced }));
  }

  test("that is not UTF-8 is rejected", () => {
    assert.equal(textOf(bytes("\xff\xfe")), undefined);
    assert.equal(textOf(bytes("")), "");
  });

  test("is split at line feeds and never within a character, and nothing is lost", () => {
    for (const text of [
      "",
      "a",
      "x".repeat(890 * 1024),
      "😀".repeat(50_000),
      "line\n".repeat(9000),
      `${"y".repeat(5000)}\nz`,
    ]) {
      const parts = pieces(text);
      assert.equal(parts.join(""), text);
      assert.ok(parts.every((part) => part.length <= 4096 && !/^[\udc00-\udfff]/.test(part)));
    }
    assert.equal(pieces("ab\ncd", 4)[0], "ab\n");
  });
});

describe("the shown name of a file", () => {
  test("is shortened in the middle and keeps its extension", () => {
    assert.equal(shorten(`${"n".repeat(500)}.tar`, 10), "nnnnn….tar");
    assert.equal(shorten("short", 10), "short");
  });
});

describe("an image", () => {
  for (const [begin, kind] of [
    ["\x89PNG\r\n\x1a\n", "image/png"],
    ["\xff\xd8\xff\xe0", "image/jpeg"],
    ["GIF89a", "image/gif"],
    ["RIFF\0\0\0\0WEBP", "image/webp"],
    ["RIFF\0\0\0\0WAVE", undefined],
    ["<svg onload=alert(1)>", undefined],
    ["%PDF-1.7", undefined],
    ["", undefined],
  ] as const) {
    test(`${JSON.stringify(begin)} is ${kind ?? "no image"}`, () => assert.equal(imageTypeOf(bytes(begin)), kind));
  }
});

describe("Markdown", () => {
  test("becomes headings, lists, quotes, code, rules and paragraphs", () => {
    const blocks = parseMarkdown("# One\n\ntext **bold** *thin* `code`\n- a\n- b\n1. c\n> q\n```sh\n<b>\n```\n---\n");
    assert.deepEqual(
      blocks.map((block: Block) => block.kind),
      ["heading", "paragraph", "list", "list", "quote", "code", "rule"],
    );
    assert.deepEqual(blocks[1], {
      kind: "paragraph",
      content: [
        { kind: "text", text: "text " },
        { kind: "strong", text: "bold" },
        { kind: "text", text: " " },
        { kind: "emphasis", text: "thin" },
        { kind: "text", text: " " },
        { kind: "code", text: "code" },
      ],
    });
    assert.deepEqual(blocks[5], { kind: "code", text: "<b>" });
  });

  test("shows HTML and addresses as text", () => {
    assert.deepEqual(parseInline("<b>x</b> [go](javascript:alert`1`) ![i](https://evil.example/p.png)"), [
      { kind: "text", text: "<b>x</b> " },
      { kind: "link", text: "go", address: "javascript:alert`1`" },
      { kind: "text", text: " " },
      { kind: "link", text: "i", address: "https://evil.example/p.png" },
    ]);
  });

  for (const begin of ["*", "**", "`", "[", "[a](", "> ", "- ", "# ", "```\n", "_", "1. ", "\n", "- - "]) {
    test(`of many ${JSON.stringify(begin)} is parsed quickly`, () => {
      assert.ok(parseMarkdown(begin.repeat(100_000 / begin.length)).length >= 0);
    });
  }
});
