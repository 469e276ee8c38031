import { t } from "../../i18n/index.js";
import { Again, Elsewhere, End } from "../open/end-screen.js";
import { LinkForm } from "../../shared/link-form.js";
import { Page } from "../../shared/page.js";
import { useLink } from "../../shared/use-link.js";
import { problemText } from "../../shared/problem-text.js";
import type { Managing, ManageState } from "./managing.js";
import { KnownScreen } from "./known-screen.js";
import { useManaging } from "./use-managing.js";
import "../open/open.css";
import "./manage.css";

/** Shows what became of the secret whose manage link is in the text, and ends or unlocks it. */
export function ManageScreen({ text }: { readonly text: string }) {
  const turn = useLink(text);
  return <Turn key={turn.number} text={turn.text} onText={turn.take} />;
}

export default ManageScreen;

interface Props {
  readonly text: string;
  readonly onText: (text: string) => void;
}

function Turn({ text, onText }: Props) {
  const { managing, state } = useManaging(text);
  return state.screen === "known" ? (
    <KnownScreen state={state} managing={managing} />
  ) : (
    <Ends state={state} managing={managing} onText={onText} />
  );
}

interface EndsProps {
  readonly state: Exclude<ManageState, { screen: "known" }>;
  readonly managing: Managing;
  readonly onText: (text: string) => void;
}

function Ends({ state, managing, onText }: EndsProps) {
  const form = <LinkForm label={t("manage.paste.label")} onText={onText} />;
  switch (state.screen) {
    case "looking":
      return (
        <Page title={t("manage.title")}>
          <p role="status">
            {state.attempt === undefined ? t("manage.looking") : t("common.retrying", { attempt: state.attempt })}
          </p>
        </Page>
      );
    case "paste":
      return (
        <End title={t("manage.paste.title")} texts={[t("manage.paste.text")]}>
          {form}
        </End>
      );
    case "damaged":
      return (
        <End title={t("open.damaged.title")} texts={[t(`open.damaged.${state.damage}`), t("open.damaged.next")]}>
          {form}
        </End>
      );
    case "elsewhere":
      return <Elsewhere origin={state.origin} />;
    case "old":
      return (
        <End title={t("open.old.title")} texts={[t("open.old.text", { missing: state.missing }), t("open.old.next")]} />
      );
    case "unknown":
      return <End title={t("manage.unknown.title")} texts={[t("manage.unknown.text")]} />;
    case "trouble":
      return (
        <End title={t("open.trouble.title")} texts={[problemText(state.error)]}>
          <Again label={t("common.try_again")} onAgain={() => void managing.again()} />
        </End>
      );
    case "dropped":
      return (
        <End title={t("manage.dropped.title")} texts={[t("manage.dropped.text")]}>
          {form}
        </End>
      );
  }
}
