import { alphabet } from "../format/base32.js";
import { EnvelopeError } from "../format/errors.js";
import { type Link, type ManageLink, parseLink, parseManageLink } from "../format/link.js";

/** Why a text is not a valid link: it contains none, or one of a later version, cut off or changed. */
export type Damage = "no-link" | "version" | "cut" | "changed";

/** The text contains no valid link. */
export class DamagedLink extends Error {
  override readonly name = "DamagedLink";

  constructor(readonly damage: Damage) {
    super(`link: ${damage}`);
  }
}

/** The number of characters after the #, with the version. */
const lengths = { s: 64, m: 89 } as const;

const others = `[^${alphabet}oil]`;
const longest = 20000; // characters of a text that are searched

/**
 * Finds and parses the link in a text, even if a mail program has wrapped, quoted or escaped it,
 * or if there is other text around it. Rejects with DamagedLink.
 */
export function findLink(text: string): Promise<Link> {
  return find(text, "s", parseLink);
}

/** Finds and parses a manage link, like findLink. */
export function findManageLink(text: string): Promise<ManageLink> {
  return find(text, "m", parseManageLink);
}

/** Reports whether the text is the address of a page without a link, as after a reload. */
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
  /** The characters after the # that a link can contain. Others are left out. */
  readonly body: string;
  /** The number of those characters before the first other one, except spaces and hyphens. */
  readonly run: number;
}

/** Finds the last address of the given page in a text. */
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

/** Returns the origin if the text ends with an address of the given page. */
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

/** Decodes percent-encoding, once or twice. The alphabet contains no percent sign. */
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
