import assert from "node:assert/strict";
import { test } from "node:test";
import { drawDigits, Hold } from "../src/screens/open/press.js";

/** Runs frames every so many milliseconds, for so long, and returns how far it came. */
function held(hold: Hold, milliseconds: number, every = 16): number {
  hold.press(0);
  let far = 0;
  for (let now = every; now <= milliseconds; now += every) {
    far = hold.frame(now);
  }
  return far;
}

test("a press held for a second is whole, a shorter one is not", () => {
  assert.equal(held(new Hold(), 1010), 1);
  assert.ok(held(new Hold(), 900) < 1);
});

test("a click on a page that hangs is not held", () => {
  const hold = new Hold();
  hold.press(0);
  assert.ok(hold.frame(30_000) <= 0.1);
});

test("a press that was let go begins anew", () => {
  const hold = new Hold();
  held(hold, 900);
  hold.release();
  assert.equal(hold.pressed, false);
  assert.equal(hold.frame(2000), 0);
  hold.press(2000);
  assert.ok(hold.frame(2016) < 0.1);
});

test("a second press does not lengthen or shorten the first", () => {
  const hold = new Hold();
  held(hold, 500);
  hold.press(500);
  assert.ok(hold.frame(516) > 0.5);
});

test("the digits to type are four, all different, and no run", () => {
  const numbers = [1, 2, 3, 4, 9, 9, 8, 7, 6, 5, 4, 3, 4, 7, 1, 9];
  assert.equal(
    drawDigits(() => numbers.shift() ?? assert.fail("drew on")),
    "4719",
  );
});
