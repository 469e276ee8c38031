/** The texts of the page by their keys, so that tests do not repeat their wording. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./handler.js";

type Message = string | Readonly<Record<string, string>>;

const folder = join(root, "web", "src", "i18n");

/** The tags of all languages. */
export const languages: readonly string[] = readdirSync(folder).flatMap((file) =>
  file.endsWith(".json") ? [file.replace(".json", "")] : [],
);

const loaded = new Map<string, Readonly<Record<string, Message>>>();

function messagesOf(language: string): Readonly<Record<string, Message>> {
  const messages = loaded.get(language) ?? JSON.parse(readFileSync(join(folder, `${language}.json`), "utf8"));
  loaded.set(language, messages);
  return messages;
}

/** Returns a pattern for a text with any values, in one language or in all. */
export function wholeText(key: string, language?: string): RegExp {
  return new RegExp(`^\\s*(${formsOf(key, language).join("|")})\\s*$`);
}

/** Returns a pattern for a text within a longer one. */
export function partOfText(key: string, language?: string): RegExp {
  return new RegExp(`(${formsOf(key, language).join("|")})`);
}

function formsOf(key: string, language?: string): readonly string[] {
  const tags = language === undefined ? languages : [language];
  const messages = tags.map((tag) => messagesOf(tag)[key]).filter((message) => message !== undefined);
  if (messages.length === 0) {
    throw new Error(`no text ${key}`);
  }
  const forms = messages.flatMap((message) => (typeof message === "string" ? [message] : Object.values(message)));
  return forms.map((form) => form.split(/\{\w+\}/).map(escape).join("[^]+"));
}

function escape(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&").replace(/\s+/g, "\\s+");
}
