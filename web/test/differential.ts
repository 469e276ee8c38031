/**
 * Answers what TypeScript makes of inputs of the format, so that a fuzzer can compare it with Go:
 *
 *     npm run --silent differential --prefix web < cases > answers
 *
 * Each line of the input is a case, each line of the output its answer, in the same order. Both are
 * JSON objects. Bytes are hexadecimal. The answer to an input that is refused is {"error": SLUG}, with
 * the names in docs/envelope.md, or meta or passphrase.
 *
 *     case                                            answer
 *     {"kind": "meta", "bytes": JSON of a meta}       {"type", "name", "media"}: "" when left out
 *     {"kind": "write", "type", "name", "media"}      {"bytes": JSON of the meta}
 *     {"kind": "link", "text"}                        {"origin", "key", "slot", "link"}
 *     {"kind": "manage", "text"}                      {"origin", "id", "manage", "link"}
 *     {"kind": "name", "text"}                        {"name": the name to save a file under}
 *     {"kind": "passphrase", "text"}                  {"bytes": the password of Argon2id}
 *
 * Link is the link written again. A passphrase is not empty: an empty one means none.
 */
import { formatMeta, type Meta, parseMeta } from "../src/format/content.js";
import { EnvelopeError } from "../src/format/errors.js";
import { formatLink, formatManageLink, parseLink, parseManageLink } from "../src/format/link.js";
import { passphraseBytes } from "../src/format/passphrase.js";
import { safeName } from "../src/screens/open/file-name.js";
import { hex, unhex } from "./vectors.js";

type Case =
  | { readonly kind: "meta"; readonly bytes: string }
  | (Required<Meta> & { readonly kind: "write" })
  | { readonly kind: "link" | "manage" | "name" | "passphrase"; readonly text: string };

async function answerTo(input: Case): Promise<object> {
  switch (input.kind) {
    case "meta": {
      const { type, name = "", media = "" } = parseMeta(unhex(input.bytes));
      return { type, name, media };
    }
    case "write":
      return { bytes: hex(formatMeta(input)) };
    case "link": {
      const link = await parseLink(input.text);
      return { origin: link.origin, key: hex(link.key), slot: link.slot, link: await formatLink(link) };
    }
    case "manage": {
      const link = await parseManageLink(input.text);
      return { origin: link.origin, id: hex(link.id), manage: hex(link.manage), link: await formatManageLink(link) };
    }
    case "name":
      return { name: safeName(input.text) };
    case "passphrase":
      return { bytes: hex(passphraseBytes(input.text)) };
  }
}

function errorOf(error: unknown): object {
  if (error instanceof EnvelopeError) {
    return { error: error.slug };
  }
  throw error;
}

let rest = "";
for await (const text of process.stdin.setEncoding("utf8") as AsyncIterable<string>) {
  const lines = `${rest}${text}`.split("\n");
  rest = lines.pop() ?? "";
  for (const line of lines) {
    const answer = await answerTo(JSON.parse(line) as Case).catch(errorOf);
    process.stdout.write(`${JSON.stringify(answer)}\n`);
  }
}
