/** The texts of the page, in the language of whoever reads it. */
import en from "./en.json" with { type: "json" };
import { directionOf, languages, pick } from "./languages.js";
import { format, type Key, type Messages, type Values } from "./messages.js";

export { languages } from "./languages.js";
export type { Key, Values } from "./messages.js";
export { formatAmount, formatBytes, formatNumber, formatSpan, formatTime } from "./units.js";

const stored = "language";

let current = "en";
let messages: Messages = en;
let listener = (): void => undefined;

/** The BCP 47 tag of the language in use. */
export function language(): string {
  return current;
}

/** Returns a text in the language in use. */
export function t(key: Key, values?: Values): string {
  return format(current, messages[key], values);
}

/** Calls the one listener after every change of language. */
export function onLanguage(changed: () => void): void {
  listener = changed;
}

/** Starts with what the person chose, else what the browser prefers, else English. */
export async function startLanguage(): Promise<void> {
  await prefer([]);
}

/** Starts again with the operator's default, unless the person has chosen or the browser's is there. */
export async function preferLanguage(tag: string): Promise<void> {
  await prefer([tag]);
}

async function prefer(others: readonly string[]): Promise<void> {
  const tag = pick([...choice(), ...navigator.languages, ...others]) ?? "en";
  if (tag !== current) {
    await use(tag);
  }
}

/** Loads the texts of all screens: of English, those of the first are there from the start. */
export async function completeTexts(): Promise<void> {
  const complete = current === "en" ? await languages["en"]?.load() : undefined;
  if (complete && current === "en") {
    messages = complete; // unless another language was chosen meanwhile
  }
}

/** Changes the language and remembers it. */
export async function chooseLanguage(tag: string): Promise<void> {
  try {
    localStorage.setItem(stored, tag);
  } catch {
    // A browser that keeps nothing still shows what was chosen.
  }
  await use(tag);
}

/** Loads a language and shows it; when it cannot be loaded, the one in use stays. */
async function use(tag: string): Promise<void> {
  const loaded = await languages[tag]?.load().catch(() => undefined);
  if (loaded === undefined) {
    return;
  }
  messages = loaded;
  current = tag;
  document.documentElement.lang = tag;
  document.documentElement.dir = directionOf(tag);
  listener();
}

function choice(): readonly string[] {
  try {
    return [localStorage.getItem(stored) ?? []].flat();
  } catch {
    return [];
  }
}
