import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { Bytes } from "../../format/bytes.js";
import { t } from "../../i18n/index.js";
import { Button, Copy } from "../../ui/index.js";
import { afterPaint, useHiding } from "./on-screen.js";
import { pieces, sanitize } from "./sanitize.js";
import { longestMarkdown } from "./markdown.js";
import { MarkdownView } from "./markdown-view.js";
import { save } from "./save.js";

interface Props {
  readonly text: string;
  readonly data: Bytes;
  readonly onSeen: () => void;
}

const views = ["text", "markdown", "code"] as const;

type View = (typeof views)[number];

const minute = 60_000;

export function TextSecret({ text, data, onSeen }: Props) {
  const [view, setView] = useState<View>("text");
  const { hidden, hide, show } = useHiding(minute);
  const sheet = useRef<HTMLDivElement>(null);
  const safe = useMemo(() => sanitize(text), [text]);
  useEffect(() => afterPaint(onSeen), []);
  return (
    <div class="text-secret">
      {hidden ? (
        <p class="cover">{t("open.text.hidden")}</p>
      ) : (
        <div
          class={`sheet ${view}`}
          tabIndex={0}
          role="region"
          aria-label={t("open.text.label")}
          data-testid="secret"
          ref={sheet}
        >
          <Body text={safe.text} view={view} />
        </div>
      )}
      {safe.replaced > 0 && !hidden && <p class="hint">{t("open.text.codes", { count: safe.replaced })}</p>}
      <div class="actions">
        <Copy kind="primary" text={() => text} onRefused={() => select(sheet.current)} />
        <Button onClick={hidden ? show : hide}>{hidden ? t("open.text.show") : t("common.hide")}</Button>
        <Button kind="quiet" onClick={() => save(data, "secret.txt")}>
          {t("open.save.text")}
        </Button>
        {!hidden && text !== "" && safe.text.length <= longestMarkdown && <Views view={view} onView={setView} />}
      </div>
    </div>
  );
}

/** Selects the text, in browsers that do not let the page copy it. */
function select(sheet: HTMLElement | null): void {
  if (sheet) {
    getSelection()?.selectAllChildren(sheet);
  }
}

/** The choice between the views of a text. */
function Views({ view, onView }: { readonly view: View; readonly onView: (view: View) => void }) {
  return (
    <label class="views">
      <span>{t("open.view.label")}</span>
      <select
        value={view}
        onChange={(event) => onView(views.find((each) => each === event.currentTarget.value) ?? "text")}
      >
        {views.map((each) => (
          <option value={each}>{t(`open.view.${each}`)}</option>
        ))}
      </select>
    </label>
  );
}

function Body({ text, view }: { readonly text: string; readonly view: View }) {
  if (text === "") {
    return <p>{t("open.text.empty")}</p>;
  }
  switch (view) {
    case "markdown":
      return <MarkdownView text={text} />;
    case "code":
      return <Code text={text} />;
    case "text":
      return <Plain text={text} />;
  }
}

/** Browsers lay out only the pieces in view, so that an endless line does not block the page. */
function Plain({ text }: { readonly text: string }) {
  const parts = useMemo(() => pieces(text), [text]);
  return (
    <pre class="plain" dir="auto">
      {parts.map((part) => (
        <span class="piece">{part}</span>
      ))}
    </pre>
  );
}

function Code({ text }: { readonly text: string }) {
  return (
    <pre class="code" dir="ltr">
      {text
        .replace(/\n$/, "")
        .split("\n")
        .map((line) => (
          <code class="line">{`${line}\n`}</code>
        ))}
    </pre>
  );
}
