import { useRef, useState } from "preact/hooks";
import { t } from "../i18n/index.js";
import { Button } from "../ui/index.js";

interface Props {
  readonly label: string;
  readonly onText: (text: string) => void;
}

/** A field for a link that was pasted, of any number of lines. */
export function LinkForm({ label, onText }: Props) {
  const field = useRef<HTMLTextAreaElement>(null);
  const [missing, setMissing] = useState(false);
  const submit = (event: Event): void => {
    event.preventDefault();
    const text = field.current?.value.trim() ?? "";
    setMissing(text === "");
    if (text !== "") {
      onText(text);
    }
  };
  return (
    <form class="field" onSubmit={submit}>
      <label for="link">{label}</label>
      <textarea
        id="link"
        ref={field}
        rows={3}
        dir="ltr"
        spellcheck={false}
        autocomplete="off"
        autocapitalize="off"
        aria-invalid={missing}
        aria-describedby={missing ? "link-error" : undefined}
      />
      {missing && (
        <p id="link-error" class="error" role="alert">
          {t("open.paste.missing")}
        </p>
      )}
      <Button type="submit" kind="primary">
        {t("open.paste.submit")}
      </Button>
    </form>
  );
}
