import { language } from "./current.js";

const steps = [
  { unit: "day", seconds: 86400 },
  { unit: "hour", seconds: 3600 },
  { unit: "minute", seconds: 60 },
  { unit: "second", seconds: 1 },
] as const;

/** Formats a duration in seconds, like "7 days", in the largest unit that divides it. */
export function formatAmount(seconds: number): string {
  const step = steps.find((each) => seconds >= each.seconds && seconds % each.seconds === 0) ?? steps[3];
  const options = { style: "unit", unit: step.unit, unitDisplay: "long" } as const;
  return new Intl.NumberFormat(language(), options).format(seconds / step.seconds);
}

/** Formats a time relative to now, like "in 3 hours" or "2 days ago". Both are in seconds since 1970 UTC. */
export function formatSpan(at: number, now: number = Date.now() / 1000): string {
  const distance = Math.abs(at - now);
  const step = steps.find((each) => distance * 1.02 >= each.seconds) ?? steps[3]; // 23:59 h counts as a day
  const rounded = Math.sign(at - now) * Math.round(distance / step.seconds);
  return new Intl.RelativeTimeFormat(language()).format(rounded, step.unit);
}

/** Formats a time in seconds since 1970 UTC as a date and time in the reader's time zone. */
export function formatTime(seconds: number): string {
  const options = { dateStyle: "medium", timeStyle: "short" } as const;
  return new Intl.DateTimeFormat(language(), options).format(seconds * 1000);
}

/** Formats a size in bytes, in kB or MB (powers of ten), rounded down. */
export function formatBytes(bytes: number): string {
  const step = Math.min(Math.floor(Math.log10(Math.max(bytes, 1)) / 3), 2);
  const value = Math.floor(bytes / 1000 ** step * (step === 2 ? 10 : 1)) / (step === 2 ? 10 : 1);
  const unit = ["byte", "kilobyte", "megabyte"][step] ?? "byte";
  return new Intl.NumberFormat(language(), { style: "unit", unit, unitDisplay: step === 0 ? "long" : "short" }).format(value);
}
