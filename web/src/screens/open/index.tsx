import type { ComponentType } from "preact";
import { useState } from "preact/hooks";
import { t } from "../../i18n/index.js";
import { findManageLink } from "../../shared/find-link.js";
import { Page } from "../../shared/page.js";
import { useLink } from "../../shared/use-link.js";
import { EndScreen } from "./end-screen.js";
import { Gate } from "./gate.js";
import { Shown } from "./shown.js";
import { useOpening } from "./use-opening.js";
import "./open.css";

interface ScreenProps {
  /** The whole address of the page. */
  readonly text: string;
  /** The screen that manages the link in a text. */
  readonly Manage: ComponentType<{ readonly text: string }>;
}

/** Opens the link in the text. A pasted manage link is managed here: at an address of its own the browser would keep it. */
export default function OpenScreen({ text, Manage }: ScreenProps) {
  const link = useLink(text);
  const [managing, setManaging] = useState(false);
  const pasted = async (next: string): Promise<void> => {
    setManaging(await hasOwnManageLink(next));
    link.replace(next);
  };
  return managing ? (
    <Manage text={link.text} />
  ) : (
    <Open key={link.number} text={link.text} onText={(next) => void pasted(next)} />
  );
}

/** Reports whether a text contains a manage link of this page. */
async function hasOwnManageLink(text: string): Promise<boolean> {
  const link = await findManageLink(text).catch(() => undefined);
  return link?.origin === location.origin;
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
