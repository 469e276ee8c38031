import { useEffect, useState } from "preact/hooks";
import { random } from "../bytes.js";
import { t } from "../i18n/index.js";
import { Button } from "../ui/index.js";
import { drawDigits } from "./hold.js";

interface Props {
  /** Show the way to the field opened: holding did not work. */
  readonly offered: boolean;
  readonly onRight: () => void;
}

/** For whoever cannot hold a button: some digits to copy, which no form filler does. */
export function Typed({ offered, onRight }: Props) {
  const [digits] = useState(() => drawDigits((below) => (random(1)[0] ?? 0) % below));
  const [typed, setTyped] = useState("");
  const [wrong, setWrong] = useState(false);
  const [shown, setShown] = useState(false);
  useEffect(() => setShown((before) => before || offered), [offered]);

  const submit = (event: Event): void => {
    event.preventDefault();
    const right = plain(typed) === digits;
    setWrong(!right);
    if (right) {
      onRight();
    }
  };
  return (
    <details class="typed" open={shown} onToggle={(event) => setShown(event.currentTarget.open)}>
      <summary>{t("open.typed.offer")}</summary>
      <form class="field" onSubmit={submit}>
        <label for="typed">{t("open.typed.label", { digits })}</label>
        <div class="row">
          <input
            id="typed"
            type="text"
            inputMode="numeric"
            autocomplete="off"
            maxLength={8}
            size={6}
            dir="ltr"
            value={typed}
            aria-invalid={wrong}
            aria-describedby={wrong ? "typed-error" : undefined}
            onInput={(event) => setTyped(event.currentTarget.value)}
          />
          <Button type="submit">
            {t("open.typed.submit")}
          </Button>
        </div>
        {wrong && (
          <p id="typed-error" class="error" role="alert">
            {t("open.typed.wrong", { digits })}
          </p>
        )}
      </form>
    </details>
  );
}

/** Returns digits of any script as 0 to 9, without blanks. */
function plain(text: string): string {
  return text
    .normalize("NFKC")
    .replace(/\s/g, "")
    .replace(/[\u0660-\u0669\u06f0-\u06f9]/g, (digit) => String((digit.codePointAt(0) ?? 0) & 15));
}
