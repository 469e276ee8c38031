/** The screens, each at an address of its own. */
export type Screen = "create" | "open" | "manage" | "mine";

/** Returns the screen of a path, also of one whose # was escaped on the way. */
export function screenOf(path: string): Screen {
  const name = path.toLowerCase().replace(/%23.*$/, "").replace(/\/+$/, "");
  return name === "/s" ? "open" : name === "/m" ? "manage" : name === "/mine" ? "mine" : "create";
}

/** Loads the screens that are no part of the first load. */
export const parts = {
  open: () => import("../screens/open/index.js"),
  manage: () => import("../screens/manage/index.js"),
  mine: () => import("../screens/mine/index.js"),
};

/** Begins to load the screen of a path, before there is anything that shows it. Whoever shows it sees what failed. */
export function loadAhead(path: string): void {
  const screen = screenOf(path);
  if (screen !== "create") {
    parts[screen]().catch(() => undefined);
  }
}
