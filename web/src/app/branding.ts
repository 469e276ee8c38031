import { listIn, memberOf, textIn } from "../api/json.js";
import { preferLanguage } from "../i18n/index.js";

/** The operator's branding of the page, from /branding.json. Every member is optional. */
export interface Branding {
  readonly name?: string;
  /** A path at this origin. */
  readonly logo?: string;
  /** A text for the footer. */
  readonly text?: string;
  readonly links: readonly Link[];
}

interface Link {
  readonly label: string;
  readonly href: string;
}

const colour = /^#[0-9a-f]{6}$/i;

/** Loads the branding and applies its colours and language. Changes nothing when it is missing or invalid. */
export async function loadBranding(): Promise<Branding> {
  const body = await fetchJson("/branding.json").catch(() => undefined);
  applyAccent(textIn(memberOf(body, "accent"), "light"), textIn(memberOf(body, "accent"), "dark"));
  const language = textIn(body, "language");
  if (language) {
    await preferLanguage(language);
  }
  return parseBranding(body);
}

/** Validates the members to show. The service validates the file too, but static hosting does not. */
export function parseBranding(body: unknown): Branding {
  const name = textIn(body, "name");
  const text = textIn(body, "text");
  const logo = textIn(body, "logo") ?? "";
  return {
    ...(name && { name }),
    ...(text && { text }),
    ...(/^\/(?!\/)[\w./-]+$/.test(logo) && { logo }),
    links: (listIn(body, "links") ?? []).flatMap(parseLink),
  };
}

function parseLink(body: unknown): readonly Link[] {
  const label = textIn(body, "label") ?? "";
  const href = textIn(body, "href") ?? "";
  return label !== "" && /^(https:\/\/|mailto:)/i.test(href) ? [{ label, href }] : [];
}

async function fetchJson(path: string): Promise<unknown> {
  const response = await fetch(path);
  return response.ok ? response.json() : undefined;
}

/** Sets the accent for the light and the dark theme, with black or white text on it. */
function applyAccent(light = "", dark = light): void {
  if (!colour.test(light) || !colour.test(dark) || !CSS.supports("color", "light-dark(red, red)")) {
    return;
  }
  const { style } = document.documentElement;
  style.setProperty("--accent", `light-dark(${light}, ${dark})`);
  style.setProperty("--wax", `light-dark(${light}, ${dark})`);
  style.setProperty("--on-wax", `light-dark(${textColourOn(light)}, ${textColourOn(dark)})`);
}

/** Returns the colour with the better contrast on a background by WCAG 2. */
export function textColourOn(background: string): "#000000" | "#ffffff" {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => linear(parseInt(background.slice(at, at + 2), 16) / 255));
  const luminance = 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  return luminance > 0.179 ? "#000000" : "#ffffff";
}

function linear(value: number): number {
  return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
}
