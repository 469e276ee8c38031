import type { Ref } from "preact";
import { t } from "../../i18n/index.js";
import { Field } from "../../ui/index.js";

interface Props {
  readonly value: string;
  readonly error: string | undefined;
  readonly busy: boolean;
  readonly field: Ref<HTMLInputElement>;
  readonly onInput: (text: string) => void;
  /** Called for Enter, which moves the focus to the wax and opens nothing. */
  readonly onEnter: () => void;
}

/** The field for the passphrase. It is of type text, so that browsers do not offer to save it as a password. */
export function Passphrase({ value, error, busy, field, onInput, onEnter }: Props) {
  const submit = (event: Event): void => {
    event.preventDefault();
    onEnter();
  };
  return (
    <form class="passphrase" onSubmit={submit}>
      <Field label={t("open.passphrase.label")} hint={t("open.passphrase.hint")} error={error}>
        {(tied) => (
          <input
            {...tied}
            ref={field}
            type="text"
            class="mono"
            autocomplete="off"
            autocapitalize="off"
            spellcheck={false}
            value={value}
            readOnly={busy}
            onInput={(event) => onInput(event.currentTarget.value)}
          />
        )}
      </Field>
    </form>
  );
}
