/**
 * The manage links in localStorage, stored only at the person's request. Users of the device can
 * revoke these secrets and see their receipts, but cannot read them.
 */

export interface Remembered {
  /** The whole manage link. */
  readonly link: string;
  /** The person's name for the secret. */
  readonly label?: string;
  /** When the secret expires, in seconds since 1970 UTC. */
  readonly expires: number;
}

/** The methods of localStorage in use. */
export type Items = Pick<Storage, "getItem" | "setItem" | "removeItem">;

export interface Store {
  /** Returns the valid entries, the newest first. */
  list(): readonly Remembered[];
  /** Stores an entry and replaces an older one with the same link. Returns false when the browser refuses. */
  remember(entry: Remembered): boolean;
  find(link: string): Remembered | undefined;
  forget(link: string): void;
  forgetAll(): void;
}

const name = "secrets";
const most = 500;

/** The maximum length of a label in UTF-16 units. */
export const longestLabel = 100;

const linkForm = /^https?:\/\/[^\s/#]+\/m#1[0-9a-z]{88}$/;

/** The store of this device. */
export const mine: Store = createStore(() => localStorage);

/** Creates a store. Access to localStorage throws when the person or a policy blocks it. */
export function createStore(items: () => Items): Store {
  const list = (): readonly Remembered[] => attempt(() => parse(items().getItem(name))) ?? [];
  const put = (entries: readonly Remembered[]): boolean =>
    attempt(() => {
      if (entries.length === 0) {
        items().removeItem(name);
      } else {
        items().setItem(name, JSON.stringify(entries));
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

function attempt<Value>(run: () => Value): Value | undefined {
  try {
    return run();
  } catch {
    return undefined;
  }
}

function parse(text: string | null): readonly Remembered[] {
  const value: unknown = JSON.parse(text ?? "[]");
  return Array.isArray(value) ? value.flatMap(parseEntry).slice(0, most) : [];
}

/** Returns the entry if remember could have written it, else nothing. */
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
