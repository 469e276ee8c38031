/**
 * Tells a press that is held from one that is not. Time counts only while frames are
 * painted, and a frame counts for little: a page that hung between the down and the up of
 * a robot's click has not been held.
 */
export class Hold {
  #held = 0;
  #last: number | undefined;

  /** Needed and longestFrame are milliseconds. */
  constructor(
    private readonly needed = 1000,
    private readonly longestFrame = 100,
  ) {}

  get pressed(): boolean {
    return this.#last !== undefined;
  }

  press(now: number): void {
    if (this.#last === undefined) {
      this.#held = 0;
      this.#last = now;
    }
  }

  /** Returns how far it is, 0 to 1. */
  frame(now: number): number {
    if (this.#last === undefined) {
      return 0;
    }
    this.#held += Math.min(Math.max(now - this.#last, 0), this.longestFrame);
    this.#last = now;
    return Math.min(this.#held / this.needed, 1);
  }

  release(): void {
    this.#last = undefined;
    this.#held = 0;
  }
}

/** Draws four digits to be typed, none of which a form filler would think of. */
export function drawDigits(random: (below: number) => number): string {
  for (;;) {
    const digits = Array.from({ length: 4 }, () => random(10));
    if (new Set(digits).size === 4 && !isRun(digits)) {
      return digits.join("");
    }
  }
}

function isRun(digits: readonly number[]): boolean {
  const steps = digits.slice(1).map((digit, i) => digit - (digits[i] ?? 0));
  return steps.every((step) => step === 1) || steps.every((step) => step === -1);
}
