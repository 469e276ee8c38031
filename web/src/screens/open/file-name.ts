import { utf8 } from "../../format/bytes.js";

const longest = 200; // bytes of a name to save
const longestExtension = 12; // characters, with the full stop
const fallback = "secret.bin";

/** Device names of Windows, in any directory and with any extension. */
const devices = /^(con|prn|aux|nul|conin\$|conout\$|com[0-9\u00b9\u00b2\u00b3]|lpt[0-9\u00b9\u00b2\u00b3]) *(\.|$)/i;

/**
 * Returns a safe name for saving a file with an untrusted name, as specified in docs/envelope.md:
 * the last part of a path, without characters that are invisible, change the direction or are
 * special to a system.
 */
export function safeName(name = ""): string {
  const last = name.split(/[/\\]/).pop() ?? "";
  const clean = last
    .replace(/[\p{Cc}\p{Cf}\p{Co}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu, "")
    .replace(/[:*?"<>|]/g, "_")
    .replace(/\p{White_Space}+/gu, " ")
    .replace(/^[.\-~ ]+|[. ]+$/g, "");
  const usable = /[^_.]/.test(clean) ? clean : fallback;
  return cut(devices.test(usable) ? `_${usable}` : usable);
}

/** Cuts a name that is too long before its extension. */
function cut(name: string): string {
  if (utf8(name).length <= longest) {
    return name;
  }
  const characters = [...name];
  const end = `…${extension(characters).join("")}`;
  let room = longest - utf8(end).length;
  let start = "";
  for (const character of characters) {
    room -= utf8(character).length;
    if (room < 0) {
      break;
    }
    start += character;
  }
  return start + end;
}

function extension(characters: readonly string[]): readonly string[] {
  const dot = characters.lastIndexOf(".");
  return dot > 0 && characters.length - dot <= longestExtension ? characters.slice(dot) : [];
}

/** Shortens a name in the middle for display, so that its start and its extension remain. */
export function shorten(name: string, length: number): string {
  const characters = [...name];
  if (characters.length <= length) {
    return name;
  }
  const tail = extension(characters);
  return [...characters.slice(0, length - tail.length - 1), "…", ...tail].join("");
}
