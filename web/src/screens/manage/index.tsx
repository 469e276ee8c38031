import { t } from "../../i18n/index.js";
import { Again, End, LinkEnd } from "../../shared/end.js";
import { LinkForm } from "../../shared/link-form.js";
import { Page } from "../../shared/page.js";
import { problemText } from "../../shared/problem-text.js";
import { useLink } from "../../shared/use-link.js";
import { browserEnvironment, useSession } from "../../shared/use-session.js";
import { KnownScreen } from "./known-screen.js";
import { Managing, type ManageState } from "./managing.js";
import "./manage.css";

/** Shows the receipt of the secret whose manage link is in the text, and revokes or unlocks the secret. */
export default function ManageScreen({ text }: { readonly text: string }) {
  const link = useLink(text);
  return <Manage key={link.number} text={link.text} onText={link.replace} />;
}

interface Props {
  readonly text: string;
  readonly onText: (text: string) => void;
}

function Manage({ text, onText }: Props) {
  const { session: managing, state } = useSession(createManaging, text);
  return state.screen === "known" ? (
    <KnownScreen state={state} managing={managing} />
  ) : (
    <Other state={state} managing={managing} onText={onText} />
  );
}

function createManaging(): Managing {
  return new Managing(browserEnvironment());
}

interface OtherProps {
  readonly state: Exclude<ManageState, { screen: "known" }>;
  readonly managing: Managing;
  readonly onText: (text: string) => void;
}

/** The screens without a receipt. */
function Other({ state, managing, onText }: OtherProps) {
  const form = <LinkForm label={t("manage.paste.label")} onText={onText} />;
  switch (state.screen) {
    case "looking":
      return (
        <Page title={t("manage.title")}>
          <p role="status">
            {state.attempt === 1 ? t("manage.looking") : t("common.retrying", { attempt: state.attempt })}
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
    case "elsewhere":
    case "old":
      return <LinkEnd state={state} form={form} />;
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
