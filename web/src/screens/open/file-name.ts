const longest = 100; // characters of a name to save
const reserved = /^(con|prn|aux|nul|com[0-9]|lpt[0-9])(\.|$)/i; // device names of Windows

/**
 * Returns a safe name for saving a file with an untrusted name: the last part of a path, without
 * characters that are invisible, change the direction or are special to a system.
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

/** Shortens a name in the middle, so that its start and its extension remain. */
export function shorten(name: string, length: number): string {
  const characters = [...name];
  if (characters.length <= length) {
    return name;
  }
  const dot = characters.lastIndexOf(".");
  const tail = dot > 0 && characters.length - dot <= 12 ? characters.slice(dot) : [];
  return [...characters.slice(0, length - tail.length - 1), "…", ...tail].join("");
}
