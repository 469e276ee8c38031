import { formatTime, t } from "../../i18n/index.js";
import { Again, End, LinkEnd } from "../../shared/end.js";
import { LinkForm } from "../../shared/link-form.js";
import { problemText } from "../../shared/problem-text.js";
import type { OpenState } from "./state.js";

/** The states in which nothing is opened. */
export type EndState = Exclude<OpenState, { screen: "looking" | "ready" | "stretching" | "reading" | "shown" }>;

interface Props {
  readonly state: EndState;
  readonly onAgain: () => void;
  readonly onText: (text: string) => void;
}

/** Explains why nothing is opened, and what to do next. */
export function EndScreen({ state, onAgain, onText }: Props) {
  const form = <LinkForm label={t("open.paste.label")} onText={onText} />;
  switch (state.screen) {
    case "paste":
      return (
        <End title={t("open.paste.title")} texts={[t("open.paste.text")]}>
          {form}
          <p class="hint">{t("open.paste.why")}</p>
        </End>
      );
    case "damaged":
    case "elsewhere":
    case "old":
      return <LinkEnd state={state} form={form} />;
    case "gone":
      return <Gone {...state} />;
    case "frozen":
      return <Frozen {...state} onAgain={onAgain} />;
    case "held":
      return <Held {...state} onAgain={onAgain} />;
    case "unknown":
      return (
        <End title={t("open.unknown.title")} wax="over" texts={[t("open.unknown.text"), t("open.unknown.next")]} />
      );
    case "broken":
      return (
        <End title={t("open.broken.title")} wax="broken" texts={[t("open.broken.text"), t("open.broken.next")]}>
          <Again label={t("common.try_again")} onAgain={onAgain} />
        </End>
      );
    case "trouble":
      return <Trouble {...state} onAgain={onAgain} />;
    case "dropped":
      return (
        <End title={t("open.dropped.title")} wax="over" texts={[t("open.dropped.text"), t("open.dropped.next")]}>
          {form}
        </End>
      );
  }
}

function Gone({ reason, when, lost }: Extract<EndState, { screen: "gone" }>) {
  if (reason === undefined) {
    return <End title={t("open.gone.title")} wax="over" texts={[t("open.gone.text"), t("open.gone.next")]} />;
  }
  const text = when === undefined ? t("open.gone.text") : t(`open.gone.${reason}.text`, { time: formatTime(when) });
  const next = reason === "read" ? t("open.gone.read.next") : t("open.gone.next");
  const texts = reason === "read" && lost ? [text, t("open.gone.lost"), next] : [text, next];
  return <End title={t(`open.gone.${reason}.title`)} wax="over" texts={texts} />;
}

function Frozen({ reason, final, onAgain }: Extract<EndState, { screen: "frozen" }> & Pick<Props, "onAgain">) {
  if (final) {
    return <End title={t("open.frozen.title")} wax="whole" texts={[t("open.frozen.final")]} />;
  }
  const [title, text] =
    reason === "addresses"
      ? [t("open.frozen.addresses.title"), t("open.frozen.addresses.text")]
      : [t("open.frozen.title"), t("open.frozen.text")];
  return (
    <End title={title} wax="whole" texts={[text, t("open.frozen.next")]}>
      <Again label={t("open.again.look")} onAgain={onAgain} />
    </End>
  );
}

function Held({ until, asking, onAgain }: Extract<EndState, { screen: "held" }> & Pick<Props, "onAgain">) {
  const text = until === undefined ? t("open.held.some") : t("open.held.text", { time: formatTime(until) });
  return (
    <End
      title={t("open.held.title")}
      wax="whole"
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
    <End title={t("open.trouble.title")} wax="whole" texts={[problemText(error), ...more]}>
      <Again label={t("common.try_again")} onAgain={onAgain} />
    </End>
  );
}
