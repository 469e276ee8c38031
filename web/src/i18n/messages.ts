import type en from "./en.json";

/** The name of a message. */
export type Key = keyof typeof en;

/** A text, or one text for each plural category of the language, selected by {count}. */
export type Message = string | Readonly<Partial<Record<Intl.LDMLPluralRule, string>>>;

export type Messages = Readonly<Record<Key, Message>>;

/** The values of placeholders such as {name}. Numbers are formatted for the language. */
export type Values = Readonly<Record<string, string | number>>;

/** Returns the message with its values filled in. A placeholder without a value stays unchanged. */
export function format(language: string, message: Message, values: Values = {}): string {
  const text = typeof message === "string" ? message : choose(language, message, values["count"]);
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = values[name];
    return typeof value === "number" ? value.toLocaleString(language) : (value ?? whole);
  });
}

function choose(language: string, message: Exclude<Message, string>, count: string | number | undefined): string {
  const category = new Intl.PluralRules(language).select(Number(count ?? 0));
  return message[category] ?? message.other ?? "";
}
