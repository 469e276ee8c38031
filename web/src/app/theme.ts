import { loadItem, storeItem } from "../shared/storage.js";

/** Light, dark, or auto: the setting of the device, which is the default and is not stored. */
export const themes = ["auto", "light", "dark"] as const;

export type Theme = (typeof themes)[number];

const name = "theme";

export function chosenTheme(): Theme {
  const stored = loadItem(name);
  return themes.find((theme) => theme === stored) ?? "auto";
}

export function chooseTheme(theme: Theme): void {
  storeItem(name, theme === "auto" ? "" : theme);
  applyTheme(theme);
}

export function applyTheme(theme: Theme = chosenTheme()): void {
  document.documentElement.dataset["theme"] = theme;
}
