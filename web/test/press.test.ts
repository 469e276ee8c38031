import assert from "node:assert/strict";
import { test } from "node:test";
import { drawDigits, Press } from "../src/screens/open/press.js";

/** Presses for the given milliseconds with a frame every few milliseconds. Returns the progress. */
function progressOf(press: Press, milliseconds: number, every = 16): number {
  press.start(0);
  let progress = 0;
  for (let now = every; now <= milliseconds; now += every) {
    progress = press.frame(now);
  }
  return progress;
}

test("a press of a second is long enough, a shorter one is not", () => {
  assert.equal(progressOf(new Press(), 1010), 1);
  assert.ok(progressOf(new Press(), 900) < 1);
});

test("a click on a page that hangs is no press", () => {
  const press = new Press();
  press.start(0);
  assert.ok(press.frame(30_000) <= 0.1);
});

test("a press starts from zero after a release", () => {
  const press = new Press();
  progressOf(press, 900);
  press.end();
  assert.equal(press.active, false);
  assert.equal(press.frame(2000), 0);
  press.start(2000);
  assert.ok(press.frame(2016) < 0.1);
});

test("a second start does not change the first press", () => {
  const press = new Press();
  progressOf(press, 500);
  press.start(500);
  assert.ok(press.frame(516) > 0.5);
});

test("the digits to type are four different ones and no run", () => {
  const numbers = [1, 2, 3, 4, 9, 9, 8, 7, 6, 5, 4, 3, 4, 7, 1, 9];
  assert.equal(
    drawDigits(() => numbers.shift() ?? assert.fail("it draws on")),
    "4719",
  );
});
