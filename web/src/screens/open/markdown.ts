/**
 * Parses a subset of Markdown: headings, lists, quotes, fenced and inline code, strong, emphasis
 * and links. HTML is treated as text. Time and memory are linear in the length of the text.
 */

export type Inline =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "code"; readonly text: string }
  | { readonly kind: "strong" | "emphasis"; readonly text: string }
  /** The address is shown after the text and cannot be clicked. */
  | { readonly kind: "link"; readonly text: string; readonly address: string };

export type Block =
  | { readonly kind: "heading"; readonly level: number; readonly content: readonly Inline[] }
  | { readonly kind: "paragraph" | "quote"; readonly content: readonly Inline[] }
  | { readonly kind: "list"; readonly ordered: boolean; readonly items: readonly (readonly Inline[])[] }
  | { readonly kind: "code"; readonly text: string }
  | { readonly kind: "rule" };

type Rule = (lines: readonly string[], at: number) => { block: Block; end: number } | undefined;

/** The maximum length of a text for this view in UTF-16 units. */
export const longestMarkdown = 100_000;

export function parseMarkdown(text: string): readonly Block[] {
  const lines = text.split("\n");
  const blocks: Block[] = [];
  for (let at = 0; at < lines.length;) {
    const found = rules.reduce<ReturnType<Rule>>((hit, rule) => hit ?? rule(lines, at), undefined);
    if (found) {
      blocks.push(found.block);
    }
    at = found?.end ?? at + 1;
  }
  return blocks;
}

const bullet = /^ {0,3}[-*+] +(?=\S)/;
const number = /^ {0,3}\d{1,9}[.)] +(?=\S)/;
const quote = /^ {0,3}> ?/;
const fenceForm = /^ {0,3}(```|~~~)/;
const headingForm = /^ {0,3}(#{1,6}) +(?=\S)/;
const ruleForm = /^ {0,3}(?:(?:- *){3,}|(?:\* *){3,}|(?:_ *){3,})$/;

const fence: Rule = (lines, at) => {
  const mark = fenceForm.exec(lines[at] ?? "")?.[1];
  if (mark === undefined) {
    return undefined;
  }
  const close = lines.findIndex((line, i) => i > at && line.trimStart().startsWith(mark));
  const end = close < 0 ? lines.length : close;
  return { block: { kind: "code", text: lines.slice(at + 1, end).join("\n") }, end: end + 1 };
};

const heading: Rule = (lines, at) => {
  const line = lines[at] ?? "";
  const marks = headingForm.exec(line);
  const text = line.slice(marks?.[0].length ?? 0);
  return marks?.[1] === undefined
    ? undefined
    : { block: { kind: "heading", level: marks[1].length, content: parseInline(text) }, end: at + 1 };
};

const rule: Rule = (lines, at) =>
  ruleForm.test((lines[at] ?? "").slice(0, 100)) ? { block: { kind: "rule" }, end: at + 1 } : undefined;

const list: Rule = (lines, at) => {
  const ordered = number.test(lines[at] ?? "");
  const form = ordered ? number : bullet;
  const end = endOf(lines, at, (line) => form.test(line));
  const items = lines.slice(at, end).map((line) => parseInline(line.replace(form, "")));
  return end > at ? { block: { kind: "list", ordered, items }, end } : undefined;
};

const quotation: Rule = (lines, at) => {
  const end = endOf(lines, at, (line) => quote.test(line));
  const text = lines.slice(at, end).map((line) => line.replace(quote, ""));
  return end > at ? { block: { kind: "quote", content: parseInline(text.join("\n")) }, end } : undefined;
};

const paragraph: Rule = (lines, at) => {
  const end = endOf(lines, at, (line, i) => line.trim() !== "" && (i === at || !startsBlock(line)));
  return end > at
    ? { block: { kind: "paragraph", content: parseInline(lines.slice(at, end).join("\n")) }, end }
    : undefined;
};

const rules = [fence, heading, rule, list, quotation, paragraph];

function startsBlock(line: string): boolean {
  return [fenceForm, headingForm, bullet, number, quote].some((form) => form.test(line));
}

function endOf(lines: readonly string[], at: number, continues: (line: string, i: number) => boolean): number {
  let end = at;
  for (let line = lines[end]; line !== undefined && continues(line, end); line = lines[end]) {
    end++;
  }
  return end;
}

const inline =
  /`([^`\n]{1,2000})`|\*\*([^*\n]{1,2000})\*\*|\*([^*\s][^*\n]{0,2000})\*|!?\[([^[\]\n]{0,500})\]\(([^()\s]{1,2000})\)/g;

export function parseInline(text: string): readonly Inline[] {
  const found: Inline[] = [];
  let at = 0;
  for (const match of text.matchAll(inline)) {
    if (match.index > at) {
      found.push({ kind: "text", text: text.slice(at, match.index) });
    }
    found.push(inlineOf(match));
    at = match.index + match[0].length;
  }
  return at < text.length ? [...found, { kind: "text", text: text.slice(at) }] : found;
}

function inlineOf([whole, code, strong, emphasis, text, address]: RegExpMatchArray): Inline {
  if (code !== undefined) {
    return { kind: "code", text: code };
  }
  if (strong !== undefined) {
    return { kind: "strong", text: strong };
  }
  if (emphasis !== undefined) {
    return { kind: "emphasis", text: emphasis };
  }
  return address === undefined ? { kind: "text", text: whole ?? "" } : { kind: "link", text: text ?? "", address };
}
