import { language } from "./index.js";

const steps = [
  { unit: "day", seconds: 86400 },
  { unit: "hour", seconds: 3600 },
  { unit: "minute", seconds: 60 },
  { unit: "second", seconds: 1 },
] as const;

/** Writes a length of time in seconds, like "7 days": the largest unit that it is a multiple of. */
export function formatAmount(seconds: number): string {
  const step = steps.find((each) => seconds >= each.seconds && seconds % each.seconds === 0) ?? steps[3];
  const options = { style: "unit", unit: step.unit, unitDisplay: "long" } as const;
  return new Intl.NumberFormat(language(), options).format(seconds / step.seconds);
}

/** Writes the distance of a time from now, both in seconds, like "in 3 hours" or "2 days ago". */
export function formatSpan(at: number, now: number = Date.now() / 1000): string {
  const distance = Math.abs(at - now);
  const step = steps.find((each) => distance * 1.02 >= each.seconds) ?? steps[3]; // 23:59 is a day
  const rounded = Math.sign(at - now) * Math.round(distance / step.seconds);
  return new Intl.RelativeTimeFormat(language()).format(rounded, step.unit);
}

/** Writes a time in seconds since 1970 UTC as a date and time where the reader is. */
export function formatTime(seconds: number): string {
  const options = { dateStyle: "medium", timeStyle: "short" } as const;
  return new Intl.DateTimeFormat(language(), options).format(seconds * 1000);
}

/** Writes a size in bytes, in kB and MB of powers of ten, rounded down. */
export function formatBytes(bytes: number): string {
  const step = Math.min(Math.floor(Math.log10(Math.max(bytes, 1)) / 3), 2);
  const value = Math.floor(bytes / 1000 ** step * (step === 2 ? 10 : 1)) / (step === 2 ? 10 : 1);
  const unit = ["byte", "kilobyte", "megabyte"][step] ?? "byte";
  return new Intl.NumberFormat(language(), { style: "unit", unit, unitDisplay: step === 0 ? "long" : "short" }).format(value);
}

export function formatNumber(value: number): string {
  return value.toLocaleString(language());
}
