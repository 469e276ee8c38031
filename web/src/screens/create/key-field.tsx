import { t } from "../../i18n/index.js";
import { Field } from "../../ui/index.js";
import type { Form } from "./form.js";

interface Props {
  readonly form: Form;
  readonly error: string | undefined;
  readonly onChange: (change: Partial<Pick<Form, "key" | "rememberKey">>) => void;
}

/** The field for the operator's key, which is required to create secrets on some servers. */
export function KeyField({ form, error, onChange }: Props) {
  return (
    <div class="part">
      <Field label={t("create.key")} hint={t("create.key_hint")} error={error}>
        {(tied) => (
          <input
            {...tied}
            type="password"
            autocomplete="off"
            value={form.key}
            onInput={(event) => onChange({ key: event.currentTarget.value.trim() })}
          />
        )}
      </Field>
      <label class="check">
        <input
          type="checkbox"
          checked={form.rememberKey}
          onChange={(event) => onChange({ rememberKey: event.currentTarget.checked })}
        />
        {t("create.key_remember")}
      </label>
    </div>
  );
}
