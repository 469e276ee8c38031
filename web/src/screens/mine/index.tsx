import type { ComponentType } from "preact";
import { useState } from "preact/hooks";
import { t } from "../../i18n/index.js";
import { Page } from "../../shared/page.js";
import { mine, type Remembered } from "../../shared/remembered.js";
import { announce, Button } from "../../ui/index.js";
import { Entry } from "./entry.js";
import "./mine.css";

interface Props {
  /** The screen that manages the link in a text. */
  readonly Manage: ComponentType<{ readonly text: string }>;
}

/** Lists the manage links that this device remembers, with the state of each secret. */
export default function MineScreen({ Manage }: Props) {
  const [entries, setEntries] = useState<readonly Remembered[]>(() => mine.list());
  const [managed, setManaged] = useState<string>();
  const forget = (link: string): void => {
    mine.forget(link);
    setEntries(mine.list());
    announce(t("manage.forgotten"));
  };
  const forgetAll = (): void => {
    mine.forgetAll();
    setEntries(mine.list());
  };
  if (managed !== undefined) {
    const back = (): void => {
      setEntries(mine.list());
      setManaged(undefined);
    };
    return (
      <>
        <div class="row">
          <Button kind="quiet" onClick={back}>
            {t("mine.back")}
          </Button>
        </div>
        <Manage text={managed} />
      </>
    );
  }
  return (
    <Page title={t("mine.title")} class="mine">
      <p>{entries.length === 0 ? t("mine.empty") : t("mine.text")}</p>
      {entries.length === 0 ? (
        <p class="hint">{t("mine.empty.next")}</p>
      ) : (
        <>
          <ul class="entries">
            {entries.map((entry) => (
              <Entry key={entry.link} entry={entry} onManage={setManaged} onForget={forget} />
            ))}
          </ul>
          <ForgetAll onForget={forgetAll} />
        </>
      )}
    </Page>
  );
}

/** Asks before it forgets all links. */
function ForgetAll({ onForget }: { readonly onForget: () => void }) {
  const [asking, setAsking] = useState(false);
  if (!asking) {
    return (
      <div class="row">
        <Button kind="quiet" onClick={() => setAsking(true)}>
          {t("mine.forget.all")}
        </Button>
      </div>
    );
  }
  return (
    <div class="question" role="group" aria-labelledby="forget-question">
      <p id="forget-question">{t("mine.forget.ask")}</p>
      <div class="actions">
        <Button kind="danger" onClick={onForget}>
          {t("mine.forget.all")}
        </Button>
        <Button onClick={() => setAsking(false)}>{t("mine.forget.no")}</Button>
      </div>
    </div>
  );
}
