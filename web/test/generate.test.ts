import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { dice, newPassword, newWords } from "../src/screens/create/generate.js";
import { bitsOf, strengthOf } from "../src/screens/create/strength.js";

test("random values that would favour small numbers are rejected", () => {
  // 2^32 = 3 * 1431655765 + 1: the largest value would be one too many.
  const rolls = [2 ** 32 - 1, 2 ** 32 - 2];
  const source = mock.method(crypto, "getRandomValues", (bytes: Uint8Array) => {
    new DataView(bytes.buffer).setUint32(0, rolls.shift() ?? 0);
    return bytes;
  });
  assert.equal(dice(3), (2 ** 32 - 2) % 3);
  source.mock.restore();
  assert.deepEqual(rolls, []);
});

test("a password has a character of each class", () => {
  for (let i = 0; i < 200; i++) {
    const password = newPassword();
    assert.match(password, /^(?=.*[a-z])(?=.*[A-Z])(?=.*[2-9])(?=.*[!#%+=?@_-])[^\s0O1lI]{20}$/);
  }
});

test("a passphrase has six random words of the list", async () => {
  const last = await newWords((n) => n - 1);
  assert.equal(last, "zoo zoo zoo zoo zoo zoo");
  assert.match(await newWords(), /^([a-z]{3,8} ){5}[a-z]{3,8}$/);
});

/** Returns the same sequence on every run. */
function loaded(seed: number): (n: number) => number {
  let state = seed;
  return (n) => (state = (state * 48271) % 2147483647) % n;
}

test("generated passwords and passphrases are strong", async () => {
  const roll = loaded(20261125);
  for (let i = 0; i < 50; i++) {
    assert.equal(strengthOf(newPassword(roll)), "strong");
    assert.equal(strengthOf(await newWords(roll)), "strong");
  }
});

for (const passphrase of ["", "a", "123456", "password", "Passw0rd!", "aaaaaaaaaaaaaaaa", "abcdefghijklmnop", "20202020", "qwerty", "hunter2", "secret secret secret", "summer2026"]) {
  test(`"${passphrase}" is weak`, () => assert.equal(strengthOf(passphrase), "weak"));
}

for (const passphrase of ["correct horse battery staple", "x7Kq#2mP", "Donau Dampf Schiff"]) {
  test(`"${passphrase}" is not weak`, () => assert.notEqual(strengthOf(passphrase), "weak"));
}

test("a longer passphrase is never easier to guess", () => {
  for (const start of ["hunter2", "correct horse", "x7Kq#"]) {
    assert.ok(bitsOf(`${start} zebra`) > bitsOf(start));
  }
});
