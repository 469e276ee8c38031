/**
 * The manage links that the person asked this device to remember, in localStorage. Whoever
 * uses the device can revoke these secrets and see their receipts, but read none of them.
 */

export interface Remembered {
  /** The manage link, whole. */
  readonly link: string;
  /** What the person calls it. */
  readonly label?: string;
  /** When the secret expires, in seconds since 1970 UTC. */
  readonly expires: number;
}

/** The part of localStorage that is used. */
export type Shelf = Pick<Storage, "getItem" | "setItem" | "removeItem">;

export interface Store {
  /** The newest first. What is not valid is left out. */
  list(): readonly Remembered[];
  /** Keeps a link, once. Returns false when the browser does not let the page keep anything. */
  remember(entry: Remembered): boolean;
  find(link: string): Remembered | undefined;
  forget(link: string): void;
  forgetAll(): void;
}

const name = "secrets";
const most = 500;

/** Of what the person calls a secret, in UTF-16 units. */
export const longestLabel = 100;

const linkForm = /^https?:\/\/[^\s/#]+\/m#1[0-9a-z]{88}$/;

/** The device's own store. */
export const mine: Store = createStore(() => localStorage);

/** Makes a store. Getting the shelf may throw, where the person or a policy has blocked it. */
export function createStore(shelf: () => Shelf): Store {
  const list = (): readonly Remembered[] => attempt(() => parse(shelf().getItem(name))) ?? [];
  const put = (entries: readonly Remembered[]): boolean =>
    attempt(() => {
      if (entries.length === 0) {
        shelf().removeItem(name);
      } else {
        shelf().setItem(name, JSON.stringify(entries));
      }
      return true;
    }) ?? false;
  return {
    list,
    remember: (entry) => put([tidy(entry), ...list().filter(isNot(entry.link))].slice(0, most)),
    find: (link) => list().find((entry) => entry.link === link),
    forget: (link) => void put(list().filter(isNot(link))),
    forgetAll: () => void put([]),
  };
}

function isNot(link: string): (entry: Remembered) => boolean {
  return (entry) => entry.link !== link;
}

function tidy({ link, label, expires }: Remembered): Remembered {
  const short = label?.trim().slice(0, longestLabel);
  return { link, expires, ...(short && { label: short }) };
}

function attempt<Value>(act: () => Value): Value | undefined {
  try {
    return act();
  } catch {
    return undefined;
  }
}

function parse(text: string | null): readonly Remembered[] {
  const value: unknown = JSON.parse(text ?? "[]");
  return Array.isArray(value) ? value.flatMap(parseEntry).slice(0, most) : [];
}

/** Returns the entry, or nothing when it is not one that remember could have written. */
function parseEntry(value: unknown): readonly Remembered[] {
  if (typeof value !== "object" || value === null) {
    return [];
  }
  const link: unknown = Reflect.get(value, "link");
  const label: unknown = Reflect.get(value, "label");
  const expires: unknown = Reflect.get(value, "expires");
  const valid =
    typeof link === "string" && linkForm.test(link) && typeof expires === "number" && Number.isFinite(expires);
  return valid ? [tidy({ link, expires, ...(typeof label === "string" && { label }) })] : [];
}
