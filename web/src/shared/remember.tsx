import { useState } from "preact/hooks";
import { t } from "../i18n/index.js";
import { longestLabel, mine } from "./remembered.js";
import { announce, Button, Field } from "../ui/index.js";

/** Lets the person store the manage link on this device, name it and remove it. */
export function Remember({ link, expires }: { readonly link: string; readonly expires: number }) {
  const [kept, setKept] = useState(() => mine.find(link) !== undefined);
  const [failed, setFailed] = useState(false);
  const remember = (): void => {
    const worked = mine.remember({ link, expires });
    setKept(worked);
    setFailed(!worked);
    announce(worked ? t("manage.remembered") : t("manage.remember.failed"));
  };
  const forget = (): void => {
    mine.forget(link);
    setKept(false);
    announce(t("manage.forgotten"));
  };
  return (
    <div class="remember">
      <div class="row">
        <Button kind="quiet" onClick={kept ? forget : remember}>
          {kept ? t("manage.forget") : t("manage.remember")}
        </Button>
      </div>
      {kept && (
        <Field label={t("manage.label")}>
          {(tied) => (
            <input
              {...tied}
              type="text"
              dir="auto"
              autocomplete="off"
              maxLength={longestLabel}
              defaultValue={mine.find(link)?.label ?? ""}
              onInput={(event) => mine.remember({ link, expires, label: event.currentTarget.value })}
            />
          )}
        </Field>
      )}
      <p class={failed ? "error" : "hint"}>{failed ? t("manage.remember.failed") : t("manage.remember.text")}</p>
    </div>
  );
}
