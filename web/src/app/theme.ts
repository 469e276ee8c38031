/** Light, dark, or as the device has it, which is the default and is not stored. */
export const themes = ["auto", "light", "dark"] as const;

export type Theme = (typeof themes)[number];

const name = "theme";

export function chosenTheme(): Theme {
  const stored = read();
  return themes.find((theme) => theme === stored) ?? "auto";
}

export function chooseTheme(theme: Theme): void {
  try {
    if (theme === "auto") {
      localStorage.removeItem(name);
    } else {
      localStorage.setItem(name, theme);
    }
  } catch {
    // A browser that keeps nothing still shows what was chosen.
  }
  applyTheme(theme);
}

export function applyTheme(theme: Theme = chosenTheme()): void {
  document.documentElement.dataset["theme"] = theme;
}

function read(): string | null {
  try {
    return localStorage.getItem(name);
  } catch {
    return null;
  }
}
