import { useState } from "preact/hooks";
import { t } from "../i18n/index.js";
import { isManageLink } from "../mend.js";
import { EndScreen } from "./end-screen.js";
import { Gate } from "./gate.js";
import { Page } from "./page.js";
import { Shown } from "./shown.js";
import { useOpening } from "./use-opening.js";
import "./open.css";

/** Opens the link in the text, which is the whole address as it was found. */
export function OpenScreen({ text }: { readonly text: string }) {
  const [turn, setTurn] = useState({ text, number: 0 });
  const pasted = (next: string): void => {
    if (isManageLink(next) && next.startsWith(location.origin)) {
      location.assign(next);
    } else {
      setTurn(({ number }) => ({ text: next, number: number + 1 }));
    }
  };
  return <Turn key={turn.number} text={turn.text} onText={pasted} />;
}

export default OpenScreen;

interface Props {
  readonly text: string;
  readonly onText: (text: string) => void;
}

function Turn({ text, onText }: Props) {
  const { opening, state } = useOpening(text);
  switch (state.screen) {
    case "looking":
      return (
        <Page title={t("open.looking.title")}>
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
