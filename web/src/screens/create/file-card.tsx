import { formatBytes, t } from "../../i18n/index.js";
import { Button, type Tied } from "../../ui/index.js";

interface Props {
  readonly tied: Tied;
  readonly file: File;
  /** Whether a text waits behind it. */
  readonly text: boolean;
  readonly onRemove: () => void;
}

/** The file that will be sent. */
export function FileCard({ tied, file, text, onRemove }: Props) {
  return (
    <div class="file" {...tied} role="group" tabIndex={-1}>
      <p class="file-name">
        <bdi>{file.name}</bdi>
      </p>
      <p class="hint">{formatBytes(file.size)}</p>
      {text && <p class="hint">{t("create.text_waits")}</p>}
      <Button kind="quiet" onClick={onRemove}>
        {t("create.remove")}
      </Button>
    </div>
  );
}
