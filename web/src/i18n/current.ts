/** The language in use, and its texts. */
import { loadItem, storeItem } from "../shared/storage.js";
import en from "./en.json" with { type: "json" };
import { directionOf, languages, pick } from "./languages.js";
import { format, type Key, type Messages, type Values } from "./messages.js";

const name = "language";

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

/** Sets the one listener, which is called after every change of language. */
export function onLanguage(changed: () => void): void {
  listener = changed;
}

/** Starts with the language that the person has chosen, else the one of the browser, else English. */
export async function startLanguage(): Promise<void> {
  await prefer([]);
}

/** Uses the operator's default, unless the person has chosen a language or the page speaks the browser's. */
export async function preferLanguage(tag: string): Promise<void> {
  await prefer([tag]);
}

async function prefer(others: readonly string[]): Promise<void> {
  const chosen = loadItem(name);
  const tag = pick([...(chosen === "" ? [] : [chosen]), ...navigator.languages, ...others]) ?? "en";
  if (tag !== current) {
    await use(tag);
  }
}

/** Loads the English texts of the later screens. Other languages are always loaded whole. */
export async function completeTexts(): Promise<void> {
  const complete = current === "en" ? await languages["en"]?.load() : undefined;
  if (complete && current === "en") {
    messages = complete; // the language has not changed meanwhile
  }
}

/** Changes the language and remembers it. */
export async function chooseLanguage(tag: string): Promise<void> {
  storeItem(name, tag);
  await use(tag);
}

/** Loads a language and shows it. If it cannot be loaded, the current one stays. */
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
