import type { Ref } from "preact";
import { t } from "../i18n/index.js";

interface Props {
  readonly value: string;
  readonly error: string | undefined;
  readonly busy: boolean;
  readonly field: Ref<HTMLInputElement>;
  readonly onInput: (text: string) => void;
  /** Enter opens nothing by itself: it leads to the seal. */
  readonly onEnter: () => void;
}

/** The field for the passphrase. It is no password of this site: no browser should offer to keep it. */
export function Passphrase({ value, error, busy, field, onInput, onEnter }: Props) {
  const submit = (event: Event): void => {
    event.preventDefault();
    onEnter();
  };
  return (
    <form class="passphrase field" onSubmit={submit}>
      <label for="passphrase">{t("open.passphrase.label")}</label>
      <input
        id="passphrase"
        ref={field}
        type="text"
        autocomplete="off"
        autocapitalize="off"
        autocorrect="off"
        spellcheck={false}
        dir="auto"
        value={value}
        readOnly={busy}
        aria-invalid={error !== undefined}
        aria-describedby={error === undefined ? "passphrase-hint" : "passphrase-error passphrase-hint"}
        onInput={(event) => onInput(event.currentTarget.value)}
      />
      {error !== undefined && (
        <p id="passphrase-error" class="error" role="alert">
          {error}
        </p>
      )}
      <p id="passphrase-hint" class="hint">
        {t("open.passphrase.hint")}
      </p>
    </form>
  );
}
