import { formatManageLink } from "../../format/link.js";
import { t } from "../../i18n/index.js";
import { findManageLink } from "../../shared/find-link.js";
import { Page } from "../../shared/page.js";
import { useLink } from "../../shared/use-link.js";
import { EndScreen } from "./end-screen.js";
import { Gate } from "./gate.js";
import { Shown } from "./shown.js";
import { useOpening } from "./use-opening.js";
import "./open.css";

/** Opens the link in the text, which is the whole address of the page. */
export default function OpenScreen({ text }: { readonly text: string }) {
  const link = useLink(text);
  const pasted = async (next: string): Promise<void> => {
    const manage = await ownManageLink(next);
    if (manage === undefined) {
      link.replace(next);
    } else {
      location.assign(manage);
    }
  };
  return <Open key={link.number} text={link.text} onText={(next) => void pasted(next)} />;
}

/** Returns the manage link of this page in a text, undefined when there is none. */
async function ownManageLink(text: string): Promise<string | undefined> {
  const link = await findManageLink(text).catch(() => undefined);
  return link?.origin === location.origin ? formatManageLink(link) : undefined;
}

interface Props {
  readonly text: string;
  readonly onText: (text: string) => void;
}

function Open({ text, onText }: Props) {
  const { opening, state } = useOpening(text);
  switch (state.screen) {
    case "looking":
      return (
        <Page title={t("open.looking.title")}>
          <p class="lead">{t("common.lead")}</p>
          <p role="status">
            {state.attempt === 1 ? t("open.looking.text") : t("common.retrying", { attempt: state.attempt })}
          </p>
        </Page>
      );
    case "ready":
    case "stretching":
    case "reading":
      return <Gate state={state} onRead={(passphrase) => void opening.read(passphrase)} />;
    case "shown":
      return (
        <Shown
          secret={state.secret}
          ack={state.ack}
          onSeen={() => void opening.seen()}
          onForget={() => opening.drop()}
        />
      );
    default:
      return <EndScreen state={state} onAgain={() => void opening.again()} onText={onText} />;
  }
}
