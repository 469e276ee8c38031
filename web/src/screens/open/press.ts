/**
 * A press of a button that lasts long enough. Only painted frames count, each up to a maximum, so
 * that the click of a robot on a page that hangs between down and up is no press.
 */
export class Press {
  #elapsed = 0;
  #last: number | undefined;

  /** Needed and longestFrame are in milliseconds. */
  constructor(
    private readonly needed = 1000,
    private readonly longestFrame = 100,
  ) {}

  get active(): boolean {
    return this.#last !== undefined;
  }

  /** Starts a press at a time in milliseconds, unless one is active. */
  start(now: number): void {
    if (this.#last === undefined) {
      this.#elapsed = 0;
      this.#last = now;
    }
  }

  /** Counts a painted frame and returns the progress, 0 to 1. */
  frame(now: number): number {
    if (this.#last === undefined) {
      return 0;
    }
    this.#elapsed += Math.min(Math.max(now - this.#last, 0), this.longestFrame);
    this.#last = now;
    return Math.min(this.#elapsed / this.needed, 1);
  }

  end(): void {
    this.#last = undefined;
    this.#elapsed = 0;
  }
}

/** Returns four different digits to type that are no run such as 1234, which a form filler might enter. */
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
