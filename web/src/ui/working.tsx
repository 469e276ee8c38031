import { useEffect } from "preact/hooks";
import { t } from "../i18n/index.js";
import { announce } from "./announce.js";
import { Button } from "./button.js";

interface Props {
  /** What is being done. The bar shows no progress, because the time is unknown. */
  readonly text: string;
  readonly onCancel?: () => void;
}

/** Shows and announces that the page is working. */
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
