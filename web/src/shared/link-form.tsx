import { useRef, useState } from "preact/hooks";
import { t } from "../i18n/index.js";
import { Button, Field } from "../ui/index.js";

interface Props {
  readonly label: string;
  readonly onText: (text: string) => void;
}

/** A form for a pasted link, which may have several lines. */
export function LinkForm({ label, onText }: Props) {
  const field = useRef<HTMLTextAreaElement>(null);
  const [missing, setMissing] = useState(false);
  const submit = (event: Event): void => {
    event.preventDefault();
    const text = field.current?.value.trim() ?? "";
    setMissing(text === "");
    if (text === "") {
      field.current?.focus();
    } else {
      onText(text);
    }
  };
  return (
    <form onSubmit={submit}>
      <Field label={label} error={missing ? t("open.paste.missing") : undefined}>
        {(tied) => (
          <textarea
            {...tied}
            ref={field}
            class="mono"
            rows={3}
            dir="ltr"
            spellcheck={false}
            autocomplete="off"
            autocapitalize="off"
          />
        )}
      </Field>
      <Button type="submit" kind="primary">
        {t("open.paste.submit")}
      </Button>
    </form>
  );
}
