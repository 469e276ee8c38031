/** The screens. Each has its own address. */
export type Screen = "create" | "open" | "manage" | "mine";

/** Returns the screen of a path, which may contain a link whose # was escaped as %23. */
export function screenOf(path: string): Screen {
  const name = path.toLowerCase().replace(/%23.*$/, "").replace(/\/+$/, "");
  return name === "/s" ? "open" : name === "/m" ? "manage" : name === "/mine" ? "mine" : "create";
}

/** Loads the screens that are not part of the first load. */
export const load = {
  open: () => import("../screens/open/index.js"),
  manage: () => import("../screens/manage/index.js"),
  /** Loads the screen to manage, too, which this one shows. */
  mine: async () => (await Promise.all([import("../screens/mine/index.js"), load.manage()]))[0],
};

/** Starts to load the screen of a path before it is rendered. The component that renders it reports errors. */
export function loadAhead(path: string): void {
  const screen = screenOf(path);
  if (screen !== "create") {
    load[screen]().catch(() => undefined);
  }
}
