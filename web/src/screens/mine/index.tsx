import { useState } from "preact/hooks";
import { t } from "../../i18n/index.js";
import ManageScreen from "../manage/index.js";
import { Page } from "../../shared/page.js";
import { announce, Button } from "../../ui/index.js";
import { Entry } from "./entry.js";
import { ForgetAll } from "./forget-all.js";
import { mine, type Remembered } from "../../shared/remembered.js";
import "../manage/manage.css";
import "./mine.css";

/** The manage links that this device remembers, each with what became of its secret. */
export function MineScreen() {
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
        <ManageScreen text={managed} />
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

export default MineScreen;
