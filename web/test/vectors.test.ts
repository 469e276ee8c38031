import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { argon2 } from "../src/format/argon2.js";
import { casesOf } from "./vector-cases.js";
import type { Vectors } from "./vectors.js";

/** The compiled test is in web/.build/test. */
const file = new URL("../../../envelope/testdata/vectors.json", import.meta.url);
const vectors = JSON.parse(readFileSync(file, "utf8")) as Vectors;

describe("every vector has the expected result", async () => {
  const cases = await casesOf(vectors, argon2);
  for (const { name, run } of cases) {
    test(name, run);
  }

  test("no vector is left out", () => {
    const { links, names, keys, padme, sizes, headers, envelopes } = vectors;
    const all = [links, names, keys, padme, sizes, headers, envelopes, envelopes].reduce((sum, list) => sum + list.length, 0);
    assert.equal(cases.length, all);
  });
});
