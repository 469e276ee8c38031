import { Fragment } from "preact";
import { useMemo } from "preact/hooks";
import { type Block, type Inline, parseMarkdown } from "./markdown.js";

/** Shows Markdown as elements. It contains no HTML, loads nothing and has nothing to click. */
export function MarkdownView({ text }: { readonly text: string }) {
  const blocks = useMemo(() => parseMarkdown(text), [text]);
  return (
    <div class="markdown" dir="auto">
      {blocks.map((block) => (
        <BlockView block={block} />
      ))}
    </div>
  );
}

function BlockView({ block }: { readonly block: Block }) {
  switch (block.kind) {
    case "heading":
      return (
        <p class={`heading level-${Math.min(block.level, 4)}`} role="heading" aria-level={block.level + 1}>
          <Words of={block.content} />
        </p>
      );
    case "paragraph":
      return (
        <p>
          <Words of={block.content} />
        </p>
      );
    case "quote":
      return (
        <blockquote>
          <Words of={block.content} />
        </blockquote>
      );
    case "list":
      return block.ordered ? <ol>{block.items.map(itemOf)}</ol> : <ul>{block.items.map(itemOf)}</ul>;
    case "code":
      return <pre dir="ltr">{block.text}</pre>;
    case "rule":
      return <hr />;
  }
}

function itemOf(content: readonly Inline[]) {
  return (
    <li>
      <Words of={content} />
    </li>
  );
}

function Words({ of }: { readonly of: readonly Inline[] }) {
  return <Fragment>{of.map(wordOf)}</Fragment>;
}

function wordOf(word: Inline) {
  switch (word.kind) {
    case "text":
      return word.text;
    case "code":
      return <code>{word.text}</code>;
    case "strong":
      return <strong>{word.text}</strong>;
    case "emphasis":
      return <em>{word.text}</em>;
    case "link":
      return (
        <span class="address">
          {word.text} <code dir="ltr">{word.address}</code>
        </span>
      );
  }
}
