import { useEffect } from "preact/hooks";
import { t } from "../i18n/index.js";
import { announce } from "./announce.js";
import { Button } from "./button.js";

interface Props {
  /** What is being done. How long it takes is not known, and the bar does not claim to. */
  readonly text: string;
  readonly onCancel?: () => void;
}

/** Says that the page is at work. */
export function Working({ text, onCancel }: Props) {
  useEffect(() => announce(text), [text]);
  return (
    <div class="working">
      <progress aria-label={text} />
      <p>{text}</p>
      {onCancel && <Button onClick={onCancel}>{t("common.cancel")}</Button>}
    </div>
  );
}
