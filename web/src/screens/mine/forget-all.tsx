import { useState } from "preact/hooks";
import { t } from "../../i18n/index.js";
import { Button } from "../../ui/index.js";

/** Asks once before it forgets all. */
export function ForgetAll({ onForget }: { readonly onForget: () => void }) {
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
