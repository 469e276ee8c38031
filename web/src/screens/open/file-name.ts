const longest = 100; // UTF-16 units of a name to save under
const reserved = /^(con|prn|aux|nul|com[0-9]|lpt[0-9])(\.|$)/i; // devices of Windows

/**
 * Makes a name to save under of what a stranger called a file: the last part of a path,
 * without what hides, reorders or means something to a system. The extension survives a cut.
 */
export function safeName(name: string | undefined, fallback: string): string {
  const last = (name ?? "").normalize("NFC").split(/[/\\]/).pop() ?? "";
  const clean = last
    .replace(/[\p{Cc}\p{Cf}\p{Co}\p{Cn}\p{Zl}\p{Zp}]/gu, "")
    .replace(/[:*?"<>|]/g, "_")
    .replace(/\s+/g, " ")
    .replace(/^[.\-~ ]+|[. ]+$/g, "");
  const usable = /[^_.]/.test(clean) ? clean : fallback;
  return shorten(reserved.test(usable) ? `_${usable}` : usable, longest);
}

/** Cuts the middle out of a long name, so that its beginning and its extension can be read. */
export function shorten(name: string, length: number): string {
  const characters = [...name];
  if (characters.length <= length) {
    return name;
  }
  const dot = characters.lastIndexOf(".");
  const tail = dot > 0 && characters.length - dot <= 12 ? characters.slice(dot) : [];
  return [...characters.slice(0, length - tail.length - 1), "…", ...tail].join("");
}
