import type { Messages } from "./messages.js";
import en from "./en.json" with { type: "json" };

export interface Language {
  /** The name of the language in that language. */
  readonly name: string;
  readonly load: () => Promise<Messages>;
}

/** The languages by BCP 47 tag. English is part of the first load: it is the fallback when another cannot be loaded. */
export const languages: Readonly<Record<string, Language>> = {
  en: { name: "English", load: async () => ({ ...en, ...(await import("./en.json?later")).default }) },
  de: { name: "Deutsch", load: async () => (await import("./de.json", { with: { type: "json" } })).default },
  es: { name: "Español", load: async () => (await import("./es.json", { with: { type: "json" } })).default },
  fr: { name: "Français", load: async () => (await import("./fr.json", { with: { type: "json" } })).default },
  it: { name: "Italiano", load: async () => (await import("./it.json", { with: { type: "json" } })).default },
  nl: { name: "Nederlands", load: async () => (await import("./nl.json", { with: { type: "json" } })).default },
  "pt-BR": { name: "Português (Brasil)", load: async () => (await import("./pt-BR.json", { with: { type: "json" } })).default },
  pl: { name: "Polski", load: async () => (await import("./pl.json", { with: { type: "json" } })).default },
  ja: { name: "日本語", load: async () => (await import("./ja.json", { with: { type: "json" } })).default },
  ar: { name: "العربية", load: async () => (await import("./ar.json", { with: { type: "json" } })).default },
};

/** Returns the tag of the first wanted language that the page speaks, undefined when it speaks none. */
export function pick(wanted: readonly string[]): string | undefined {
  const tags = Object.keys(languages);
  for (const tag of wanted.map((each) => each.toLowerCase())) {
    const found =
      tags.find((each) => each.toLowerCase() === tag) ??
      tags.find((each) => baseOf(each) === baseOf(tag));
    if (found !== undefined) {
      return found;
    }
  }
  return undefined;
}

export function directionOf(tag: string): "ltr" | "rtl" {
  return ["ar", "fa", "he", "ur"].includes(baseOf(tag)) ? "rtl" : "ltr";
}

function baseOf(tag: string): string {
  return tag.toLowerCase().replace(/-.*$/, "");
}
