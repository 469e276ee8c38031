import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { ApiError } from "../src/api/index.js";
import { failures, slugs } from "../src/api/problem.js";
import { problemText } from "../src/shared/problem-text.js";

const page = readFileSync(new URL("../../../docs/problems.md", import.meta.url), "utf8");
const described = [...page.matchAll(/^## ([a-z-]+)$/gm)].map(([, slug]) => slug);

test("the page knows exactly the problems of docs/problems.md", () => {
  assert.ok(described.length > 10);
  assert.deepEqual([...slugs].sort(), [...described].sort());
});

for (const problem of [...slugs, ...failures]) {
  test(`the text of ${problem} names the next step`, () => {
    const text = problemText(new ApiError(problem, 0, { field: "views", retry_after: 120 }));
    assert.ok(text.split(/[.:;] /).length >= 2, text);
    assert.ok(!/[{}]|undefined/.test(text), text);
    assert.match(text, /in 2 minutes/);
  });
}

test("other errors have a text, too", () => {
  assert.match(problemText(new TypeError("x")), /\w/);
});
