import assert from "node:assert/strict";
import { test } from "node:test";
import { createStore, type Items } from "../src/shared/remembered.js";

const link = (digit: string): string => `https://secrets.example/m#1${digit.repeat(88)}`;

function storage(text: string | null = null): Items & { text: string | null } {
  return {
    text,
    getItem() {
      return this.text;
    },
    setItem(_, value: string) {
      this.text = value;
    },
    removeItem() {
      this.text = null;
    },
  };
}

test("remembered links are listed once, the newest first", () => {
  const kept = storage();
  const store = createStore(() => kept);
  assert.ok(store.remember({ link: link("1"), expires: 10 }));
  assert.ok(store.remember({ link: link("2"), expires: 20, label: "  for Ann  " }));
  assert.ok(store.remember({ link: link("1"), expires: 30 }));
  assert.deepEqual(createStore(() => kept).list(), [
    { link: link("1"), expires: 30 },
    { link: link("2"), expires: 20, label: "for Ann" },
  ]);
  assert.deepEqual([store.find(link("2"))?.label, store.find(link("3"))], ["for Ann", undefined]);
});

test("nothing remains of forgotten links", () => {
  const kept = storage();
  const store = createStore(() => kept);
  store.remember({ link: link("1"), expires: 10 });
  store.remember({ link: link("2"), expires: 10 });
  store.forget(link("1"));
  assert.ok(!kept.text?.includes(link("1")));
  store.forgetAll();
  assert.equal(kept.text, null);
});

for (const [what, text] of [
  ["invalid JSON", "{"],
  ["no list", "{}"],
  [
    "a link that opens a secret",
    JSON.stringify([{ link: `https://secrets.example/s#1${"a".repeat(63)}`, expires: 1 }]),
  ],
  ["another scheme", JSON.stringify([{ link: `javascript:alert(1)//m#1${"a".repeat(88)}`, expires: 1 }])],
  ["entries of other types", JSON.stringify([null, 1, "x", { link: 1 }, { link: link("1"), expires: "soon" }])],
] as const) {
  test(`a store with ${what} is empty`, () => assert.deepEqual(createStore(() => storage(text)).list(), []));
}

test("labels and the number of entries are limited", () => {
  const store = createStore(() => kept);
  const kept = storage(
    JSON.stringify(Array.from({ length: 900 }, () => ({ link: link("1"), expires: 1, label: "x".repeat(999) }))),
  );
  assert.equal(store.list().length, 500);
  assert.equal(store.list()[0]?.label?.length, 100);
});

test("a blocked or full storage is reported", () => {
  const blocked = createStore(() => {
    throw new DOMException("denied", "SecurityError");
  });
  assert.deepEqual([blocked.list(), blocked.remember({ link: link("1"), expires: 1 })], [[], false]);
  blocked.forgetAll();
  const full: Items = { ...storage(), setItem: () => assert.fail("quota") };
  assert.equal(createStore(() => full).remember({ link: link("1"), expires: 1 }), false);
});
