import type { ComponentChildren } from "preact";
import { formatTime, t } from "../../i18n/index.js";
import { problemText } from "../../shared/problem-text.js";
import { Button } from "../../ui/index.js";
import { LinkForm } from "../../shared/link-form.js";
import { Page } from "../../shared/page.js";
import { SealPicture } from "../../shared/wax-picture.js";
import type { OpenState } from "./state.js";

/** The screens on which nothing is opened, each with what comes next. */
export type EndState = Exclude<OpenState, { screen: "looking" | "ready" | "stretching" | "reading" | "shown" }>;

interface Props {
  readonly state: EndState;
  readonly onAgain: () => void;
  readonly onText: (text: string) => void;
}

export function EndScreen({ state, onAgain, onText }: Props) {
  switch (state.screen) {
    case "paste":
      return (
        <End title={t("open.paste.title")} texts={[t("open.paste.text")]}>
          <LinkForm label={t("open.paste.label")} onText={onText} />
          <p class="hint">{t("open.paste.why")}</p>
        </End>
      );
    case "damaged":
      return (
        <End title={t("open.damaged.title")} texts={[t(`open.damaged.${state.damage}`), t("open.damaged.next")]}>
          <LinkForm label={t("open.paste.label")} onText={onText} />
        </End>
      );
    case "elsewhere":
      return <Elsewhere origin={state.origin} />;
    case "old":
      return (
        <End title={t("open.old.title")} texts={[t("open.old.text", { missing: state.missing }), t("open.old.next")]} />
      );
    case "gone":
      return <Gone {...state} />;
    case "frozen":
      return (
        <End title={t("open.frozen.title")} seal="whole" texts={[t("open.frozen.text"), t("open.frozen.next")]}>
          <Again label={t("open.again.look")} onAgain={onAgain} />
        </End>
      );
    case "held":
      return <Held {...state} onAgain={onAgain} />;
    case "unknown":
      return (
        <End title={t("open.unknown.title")} seal="over" texts={[t("open.unknown.text"), t("open.unknown.next")]} />
      );
    case "broken":
      return (
        <End title={t("open.broken.title")} seal="broken" texts={[t("open.broken.text"), t("open.broken.next")]}>
          <Again label={t("common.try_again")} onAgain={onAgain} />
        </End>
      );
    case "trouble":
      return <Trouble {...state} onAgain={onAgain} />;
    case "dropped":
      return (
        <End title={t("open.dropped.title")} seal="over" texts={[t("open.dropped.text"), t("open.dropped.next")]}>
          <LinkForm label={t("open.paste.label")} onText={onText} />
        </End>
      );
  }
}

interface EndProps {
  readonly title: string;
  /** What became of the seal, where there was one. */
  readonly seal?: "whole" | "broken" | "over";
  readonly texts: readonly string[];
  readonly children?: ComponentChildren;
}

export function End({ title, seal, texts, children }: EndProps) {
  return (
    <Page title={title} class="end" above={seal && <Still seal={seal} />}>
      {texts.map((text) => (
        <p>{text}</p>
      ))}
      {children}
    </Page>
  );
}

function Still({ seal }: { readonly seal: "whole" | "broken" | "over" }) {
  return (
    <div class={seal === "over" ? "seal-still broken over" : `seal-still ${seal}`}>
      <SealPicture broken={seal !== "whole"} />
    </div>
  );
}

export function Again({ label, onAgain }: { readonly label: string; readonly onAgain: () => void }) {
  return (
    <p>
      <Button kind="primary" onClick={onAgain}>
        {label}
      </Button>
    </p>
  );
}

export function Elsewhere({ origin }: { readonly origin: string }) {
  return (
    <End title={t("open.elsewhere.title")} texts={[t("open.elsewhere.text", { origin }), t("open.elsewhere.next")]}>
      <p>
        <a class="button" href={origin} rel="noreferrer noopener">
          {t("open.elsewhere.go", { origin })}
        </a>
      </p>
    </End>
  );
}

function Gone({ reason, when, lost }: Extract<EndState, { screen: "gone" }>) {
  if (reason === undefined) {
    return <End title={t("open.gone.title")} seal="over" texts={[t("open.gone.text"), t("open.gone.next")]} />;
  }
  const text = when === undefined ? t("open.gone.text") : t(`open.gone.${reason}.text`, { time: formatTime(when) });
  const next = reason === "read" ? t("open.gone.read.next") : t("open.gone.next");
  const texts = reason === "read" && lost ? [text, t("open.gone.lost"), next] : [text, next];
  return <End title={t(`open.gone.${reason}.title`)} seal="over" texts={texts} />;
}

function Held({ until, asking, onAgain }: Extract<EndState, { screen: "held" }> & Pick<Props, "onAgain">) {
  const text = until === undefined ? t("open.held.some") : t("open.held.text", { time: formatTime(until) });
  return (
    <End
      title={t("open.held.title")}
      seal="whole"
      texts={[text, asking ? t("open.held.asking") : t("open.held.looking")]}
    >
      <Again label={t("open.again.look")} onAgain={onAgain} />
    </End>
  );
}

function Trouble({ error, asking, onAgain }: Extract<EndState, { screen: "trouble" }> & Pick<Props, "onAgain">) {
  const more = [
    ...(asking ? [t("open.trouble.asking")] : []),
    ...(error.problem === "offline" ? [t("open.trouble.online")] : []),
  ];
  return (
    <End title={t("open.trouble.title")} seal="whole" texts={[problemText(error), ...more]}>
      <Again label={t("common.try_again")} onAgain={onAgain} />
    </End>
  );
}
