import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import en from "../src/i18n/en.json" with { type: "json" };
import { formatAmount, formatBytes, formatSpan, t } from "../src/i18n/index.js";
import { directionOf, languages, pick } from "../src/i18n/languages.js";
import { format, type Message, type Messages } from "../src/i18n/messages.js";

const source = new URL("../../src/", import.meta.url);
const code = readdirSync(source, { recursive: true, encoding: "utf8" })
  .filter((path) => /\.tsx?$/.test(path))
  .map((path) => readFileSync(new URL(path, source), "utf8"))
  .join("\n");

const texts = new URL("i18n/", source);
const tags = readdirSync(texts).filter((name) => name.endsWith(".json")).map((name) => name.replace(".json", ""));

function textsOf(tag: string): Messages {
  return JSON.parse(readFileSync(new URL(`${tag}.json`, texts), "utf8")) as Messages;
}

function formsOf(message: Message): Readonly<Record<string, string>> {
  return typeof message === "string" ? { other: message } : message;
}

/** Returns the placeholders of a form. Forms for zero, one and two may spell the number out. */
function placeholdersOf(category: string, text: string): string {
  const inWords = ["zero", "one", "two"].includes(category) ? ["{count}"] : [];
  return [...new Set([...(text.match(/\{[^}]*\}?/g) ?? []), ...inWords])].sort().join();
}

/** Returns the wrong forms of a translation, and "categories" if the forms are not those of the language. */
function faultsOf(tag: string, message: Message, reference: Message): readonly string[] {
  const { pluralCategories } = new Intl.PluralRules(tag).resolvedOptions();
  const categories = typeof reference === "string" ? ["other"] : pluralCategories;
  const wanted = placeholdersOf("other", formsOf(reference)["other"] ?? "");
  const forms = Object.entries(formsOf(message));
  const wrong = forms.filter(([category, text]) => text.trim() === "" || placeholdersOf(category, text) !== wanted);
  const same = forms.map(([category]) => category).sort().join() === [...categories].sort().join();
  return [...wrong.map(([category]) => category), ...(same ? [] : ["categories"])];
}

for (const tag of tags) {
  test(`${tag} has every text, placeholder and plural form`, () => {
    const messages = textsOf(tag);
    assert.deepEqual(Object.keys(messages), Object.keys(en));
    const reference: Messages = en;
    const keys = Object.keys(en) as (keyof typeof en)[];
    const faults = keys.flatMap((key) => faultsOf(tag, messages[key], reference[key]).map((fault) => `${key}: ${fault}`));
    assert.deepEqual(faults, []);
  });
}

test("faults in a translation are found", () => {
  const reference = { one: "once, {time}", other: "{count} times, {time}" };
  assert.deepEqual(faultsOf("de", { one: "einmal, {time}", other: "{count}-mal, {time}" }, reference), []);
  assert.deepEqual(faultsOf("de", { one: "einmal", other: "mal, {time}" }, reference), ["one", "other"]);
  assert.deepEqual(faultsOf("pl", { one: "raz, {time}", other: "{count} raza, {time}" }, reference), ["categories"]);
  assert.deepEqual(faultsOf("de", "{count}-mal, {time}", reference), ["categories"]);
  assert.deepEqual(faultsOf("de", "{zeit}", "{time}"), ["other"]);
  assert.deepEqual(faultsOf("de", " ", "Copy"), ["other"]);
});

test("every language with a file can be chosen and loads it", async () => {
  assert.deepEqual(Object.keys(languages).sort(), [...tags].sort());
  for (const tag of tags.filter((each) => each !== "en")) {
    assert.deepEqual(await languages[tag]?.load(), textsOf(tag));
  }
});

test("placeholders are filled in, in any order and repeatedly, and values are not parsed", () => {
  assert.equal(format("en", "{b}, {a}, {b}", { a: "{b}", b: "$&" }), "$&, {b}, $&");
  assert.equal(format("en", "{missing}"), "{missing}");
});

test("numbers are formatted for the language", () => {
  assert.equal(format("de", "{count}", { count: 1234567 }), "1.234.567");
});

test("plural forms follow the rules of the language, with other for a missing one", () => {
  const forms = { one: "{count} raz", few: "{count} razy", many: "{count} razy!", other: "{count} raza" };
  assert.deepEqual(
    [1, 3, 5].map((count) => format("pl", forms, { count })),
    ["1 raz", "3 razy", "5 razy!"],
  );
  assert.equal(format("en", { other: "{count} times" }, { count: 1 }), "1 times");
  assert.equal(t("create.times", { count: 1 }), "once");
  assert.equal(t("create.times", { count: 3 }), "3 times");
});

test("every text is used, and every used text exists", () => {
  const templates = [...code.matchAll(/`([a-z]+\.(?:[\w.]|\$\{[^}]*\})+)`/g)].map(([, template = ""]) => {
    const parts = template.split(/\$\{[^}]*\}/).map((part) => part.replaceAll(".", "\\."));
    return new RegExp(`^${parts.join(".+")}$`);
  });
  for (const key of Object.keys(en)) {
    const used = code.includes(`"${key}"`) || templates.some((template) => template.test(key));
    assert.ok(used, `${key} is not used`);
  }
  for (const [, key = ""] of code.matchAll(/\bt\(\s*"([^"]+)"/g)) {
    assert.ok(key in en, `${key} does not exist`);
  }
});

test("a language is found by its tag or its base language", () => {
  assert.equal(pick(["xx", "EN-gb"]), "en");
  assert.equal(pick(["xx"]), undefined);
});

test("languages have the right direction", () => {
  assert.deepEqual(["ar", "ar-EG", "he", "en", "ja"].map(directionOf), ["rtl", "rtl", "rtl", "ltr", "ltr"]);
});

test("durations have the largest unit that divides them", () => {
  assert.deepEqual([300, 3600, 5400, 86400, 30 * 86400].map(formatAmount), ["5 minutes", "1 hour", "90 minutes", "1 day", "30 days"]);
});

test("relative times are rounded, so that just under a day is a day", () => {
  assert.deepEqual(
    [86399, 3 * 3600 + 60, -90, 0].map((distance) => formatSpan(1_800_000_000 + distance, 1_800_000_000)),
    ["in 1 day", "in 3 hours", "2 minutes ago", "in 0 seconds"],
  );
});

test("sizes are rounded down, so that a limit is never shown too high", () => {
  assert.deepEqual([0, 1, 999, 1000, 917999, 1_990_000].map(formatBytes), ["0 bytes", "1 byte", "999 bytes", "1 kB", "917 kB", "1.9 MB"]);
});

test("no code writes HTML", () => {
  assert.doesNotMatch(code, /(inner|outer)HTML|insertAdjacentHTML|dangerouslySet|srcdoc|createContextualFragment/i);
});

test("a byte order mark is part of every text: there is one decoder of UTF-8", () => {
  assert.deepEqual(code.match(/TextDecoder\b.*/g), ['TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);']);
});

test("no code evaluates text or bypasses the types", () => {
  const forbidden = /\beval\(|new Function\(|\bas any\b|@ts-|(?::|<) *any(?=\s*[,;)>[=|&])/;
  for (const text of ["eval(x)", "(x: any) => x", "let x: any[]", "new Map<any, string>()", "x as any", "// @ts-ignore"]) {
    assert.match(text, forbidden);
  }
  assert.doesNotMatch(code, forbidden);
});
