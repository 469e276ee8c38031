import { alphabet } from "../format/base32.js";
import { EnvelopeError } from "../format/errors.js";
import { type Link, type ManageLink, parseLink, parseManageLink } from "../format/link.js";

/** What is wrong with a text that should be a link: none at all, of a later version, cut off, or changed. */
export type Damage = "no-link" | "version" | "cut" | "changed";

export class DamagedLink extends Error {
  override readonly name = "DamagedLink";

  constructor(readonly damage: Damage) {
    super(`link: ${damage}`);
  }
}

/** Characters after the #, the version included. */
const lengths = { s: 64, m: 89 } as const;

const others = `[^${alphabet}oil]`;
const longest = 20000; // characters of a text in which a link is looked for

/**
 * Finds the link in a text and reads it, also where a mail program wrapped, quoted or
 * escaped it, put something behind it, or a whole sentence was pasted. Throws DamagedLink.
 */
export function findLink(text: string): Promise<Link> {
  return find(text, "s", parseLink);
}

/** Finds and reads a manage link, as findLink does a link. */
export function findManageLink(text: string): Promise<ManageLink> {
  return find(text, "m", parseManageLink);
}

/** Says whether the text is the address of a page and no more, as after a reload: nobody has brought a link yet. */
export function isAddressOnly(text: string): boolean {
  return /^https?:\/\/[^/?#%\s]+\/[sm]\/*(\?[^#%\s]*)?#?$/i.test(text);
}

async function find<Found>(text: string, page: "s" | "m", parse: (text: string) => Promise<Found>): Promise<Found> {
  const place = locate(text, page);
  if (place === undefined) {
    throw new DamagedLink("no-link");
  }
  try {
    return await parse(`${place.origin}/${page}#${place.body.slice(0, lengths[page])}`);
  } catch (error) {
    throw new DamagedLink(damageOf(error, place, lengths[page]));
  }
}

interface Place {
  readonly origin: string;
  /** The characters of a payload after the #, whatever stands between them left out. */
  readonly body: string;
  /** How many of them come before anything but a blank or a hyphen. */
  readonly run: number;
}

/** Finds the last address of the page in the text. */
function locate(text: string, page: "s" | "m"): Place | undefined {
  const whole = unescape(text.slice(0, longest)).replace(/[\p{White_Space}\p{Cf}]/gu, "");
  const parts = whole.split("#");
  for (let i = parts.length - 1; i > 0; i--) {
    const origin = originOf(parts[i - 1] ?? "", page);
    if (origin !== undefined) {
      return placeOf(origin, parts[i] ?? "");
    }
  }
  return undefined;
}

/** Returns the origin of the page's address at the end of a text. */
function originOf(text: string, page: "s" | "m"): string | undefined {
  const lower = text.toLowerCase();
  const start = Math.max(lower.lastIndexOf("http://"), lower.lastIndexOf("https://"), 0);
  const [, origin, path] = /^(https?:\/\/[^/?]+)\/([sm])\/?(?:\?.*)?$/i.exec(text.slice(start)) ?? [];
  return path?.toLowerCase() === page ? origin : undefined;
}

function placeOf(origin: string, right: string): Place {
  const tight = right.replaceAll("-", "");
  const run = tight.search(new RegExp(others, "i"));
  return { origin, body: tight.replace(new RegExp(others, "gi"), ""), run: run < 0 ? tight.length : run };
}

/** Undoes percent-escapes, of which the alphabet has none, also where they were escaped again. */
function unescape(text: string): string {
  try {
    const once = decodeURIComponent(text);
    return once.includes("%23") ? decodeURIComponent(once) : once;
  } catch {
    return text.replaceAll("%23", "#");
  }
}

function damageOf(error: unknown, place: Place, length: number): Damage {
  const slug = error instanceof EnvelopeError ? error.slug : undefined;
  if (slug === "link-form") {
    return "no-link";
  }
  if (slug === "link-version" && place.body !== "") {
    return "version";
  }
  return place.run < length ? "cut" : "changed";
}
