import { useEffect, useRef, useState } from "preact/hooks";
import { random } from "../../format/bytes.js";
import { t } from "../../i18n/index.js";
import { Button, Field } from "../../ui/index.js";
import { drawDigits } from "./press.js";

interface Props {
  /** Shows the field, because pressing did not work. */
  readonly offered: boolean;
  readonly onRight: () => void;
}

/** Digits to type, for people who cannot press a button for long. Form fillers do not copy them. */
export function Typed({ offered, onRight }: Props) {
  const [digits] = useState(() => drawDigits((below) => (random(1)[0] ?? 0) % below));
  const [wrong, setWrong] = useState(false);
  const [shown, setShown] = useState(false);
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => setShown((before) => before || offered), [offered]);

  const submit = (event: Event): void => {
    event.preventDefault();
    const right = plain(field.current?.value ?? "") === digits;
    setWrong(!right);
    if (right) {
      onRight();
    } else {
      field.current?.focus();
    }
  };
  return (
    <details class="typed" open={shown} onToggle={(event) => setShown(event.currentTarget.open)}>
      <summary>{t("open.typed.offer")}</summary>
      <form onSubmit={submit}>
        <Field label={t("open.typed.label", { digits })} error={wrong ? t("open.typed.wrong", { digits }) : undefined}>
          {(tied) => (
            <div class="row">
              <input
                {...tied}
                ref={field}
                type="text"
                class="mono"
                inputMode="numeric"
                autocomplete="off"
                maxLength={8}
                dir="ltr"
              />
              <Button type="submit">{t("open.typed.submit")}</Button>
            </div>
          )}
        </Field>
      </form>
    </details>
  );
}

/** Converts digits of other scripts to 0 to 9 and removes spaces. */
function plain(text: string): string {
  return text
    .normalize("NFKC")
    .replace(/\s/g, "")
    .replace(/[\u0660-\u0669\u06f0-\u06f9]/g, (digit) => String((digit.codePointAt(0) ?? 0) & 15));
}
