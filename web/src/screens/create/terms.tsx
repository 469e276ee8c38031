import { formatAmount, t } from "../../i18n/index.js";
import { Field } from "../../ui/index.js";
import { lifetimesOf, type Limits, termsOf, usual, viewsOf } from "./choices.js";
import type { Form } from "./form.js";

interface Props {
  readonly form: Form;
  /** The limits of the server, undefined until they are known. */
  readonly limits: Limits | undefined;
  readonly onChange: (change: Pick<Form, "ttl" | "views">) => void;
}

/** The lifetime of the secret and the number of views. */
export function Terms({ form, limits = usual, onChange }: Props) {
  const lifetimes = lifetimesOf(limits);
  const counts = viewsOf(limits);
  const { ttl, views } = termsOf(form, limits);
  return (
    <div class="terms">
      <Choice
        label={t("create.expiry")}
        values={lifetimes}
        value={ttl}
        nameOf={formatAmount}
        onPick={(ttl) => onChange({ ttl })}
      />
      <Choice
        label={t("create.views")}
        values={counts}
        value={views}
        nameOf={(count) => t("create.times", { count })}
        onPick={(views) => onChange({ views })}
      />
    </div>
  );
}

interface ChoiceProps {
  readonly label: string;
  readonly values: readonly number[];
  readonly value: number;
  readonly nameOf: (value: number) => string;
  readonly onPick: (value: number) => void;
}

function Choice({ label, values, value, nameOf, onPick }: ChoiceProps) {
  return (
    <Field label={label}>
      {(tied) => (
        <select {...tied} value={value} onChange={(event) => onPick(Number(event.currentTarget.value))}>
          {values.map((each) => (
            <option key={each} value={each}>
              {nameOf(each)}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}
