/** The screens, each at an address of its own. */
export type Screen = "create" | "open" | "manage" | "mine";

/** Returns the screen of a path, also of one whose # was escaped on the way. */
export function screenOf(path: string): Screen {
  const name = path.toLowerCase().replace(/%23.*$/, "").replace(/\/+$/, "");
  return name === "/s" ? "open" : name === "/m" ? "manage" : name === "/mine" ? "mine" : "create";
}
