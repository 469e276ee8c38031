/** What the page says, by the keys of its language files, so that a test needs no wording of its own. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./handler.js";

type Message = string | Readonly<Record<string, string>>;

const folder = join(root, "web", "src", "i18n");

/** The tags of all languages there are. */
export const languages: readonly string[] = readdirSync(folder).flatMap((file) =>
  file.endsWith(".json") ? [file.replace(".json", "")] : [],
);

const loaded = new Map<string, Readonly<Record<string, Message>>>();

function messagesOf(language: string): Readonly<Record<string, Message>> {
  const messages = loaded.get(language) ?? JSON.parse(readFileSync(join(folder, `${language}.json`), "utf8"));
  loaded.set(language, messages);
  return messages;
}

/** Returns the pattern of a text, its values left open, in one language or in whichever the page speaks. */
export function says(key: string, language?: string): RegExp {
  return new RegExp(`^\\s*(${formsOf(key, language).join("|")})\\s*$`);
}

/** Returns the pattern of a text somewhere within another. */
export function within(key: string, language?: string): RegExp {
  return new RegExp(`(${formsOf(key, language).join("|")})`);
}

function formsOf(key: string, language?: string): readonly string[] {
  const spoken = language === undefined ? languages : [language];
  const messages = spoken.map((tag) => messagesOf(tag)[key]).filter((message) => message !== undefined);
  if (messages.length === 0) {
    throw new Error(`no text ${key}`);
  }
  const forms = messages.flatMap((message) => (typeof message === "string" ? [message] : Object.values(message)));
  return forms.map((form) => form.split(/\{\w+\}/).map(escape).join("[^]+"));
}

function escape(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&").replace(/\s+/g, "\\s+");
}
