import { useState } from "preact/hooks";
import { t } from "../../i18n/index.js";
import { announce, Button, Field } from "../../ui/index.js";
import { newPassword, newWords } from "./generate.js";
import { strengthOf } from "./strength.js";

interface Props {
  readonly passphrase: string;
  readonly required: boolean;
  readonly error: string | undefined;
  readonly onChange: (passphrase: string) => void;
}

/** The field for an optional passphrase, which is then needed together with the link. */
export function PassphraseField({ passphrase, required, error, onChange }: Props) {
  const [open, setOpen] = useState(false);
  const [failed, setFailed] = useState(false);

  async function words(): Promise<void> {
    const made = await newWords().catch(() => undefined);
    setFailed(made === undefined);
    if (made !== undefined) {
      take(made);
    }
  }

  function take(made: string): void {
    onChange(made);
    announce(t("create.generated"));
  }

  return (
    <details
      class="part"
      open={open || required || error !== undefined}
      onToggle={(event) => setOpen(event.currentTarget.open)}
    >
      <summary>{passphrase === "" ? t("create.passphrase_add") : t("create.passphrase_added")}</summary>
      <Field
        label={t("create.passphrase")}
        hint={passphrase === "" ? t("create.passphrase_hint") : <Meter passphrase={passphrase} />}
        error={failed ? t("common.load_failed") : error}
      >
        {(tied) => (
          <input
            {...tied}
            type="text"
            dir="auto"
            class="mono"
            autocomplete="off"
            autocapitalize="off"
            spellcheck={false}
            value={passphrase}
            onInput={(event) => onChange(event.currentTarget.value)}
          />
        )}
      </Field>
      <div class="row">
        <Button kind="quiet" onClick={() => void words()}>
          {t("create.words")}
        </Button>
        <Button kind="quiet" onClick={() => take(newPassword())}>
          {t("create.characters")}
        </Button>
      </div>
    </details>
  );
}

function Meter({ passphrase }: { readonly passphrase: string }) {
  const strength = strengthOf(passphrase);
  return (
    <span class={`meter ${strength}`}>
      <span class="meter-bar" aria-hidden="true" />
      {t(`meter.${strength}`)}
    </span>
  );
}
