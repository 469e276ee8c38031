import { useMemo } from "preact/hooks";
import { formatTime, t } from "../../i18n/index.js";
import { Button } from "../../ui/index.js";
import { FileSecret } from "./file-secret.js";
import { textOf } from "./sanitize.js";
import { Page } from "../../shared/page.js";
import type { Ack, Secret } from "./state.js";
import { TextSecret } from "./text-secret.js";

interface Props {
  readonly secret: Secret;
  readonly ack: Ack;
  /** Called once the secret was shown or saved. */
  readonly onSeen: () => void;
  readonly onForget: () => void;
}

/** The opened secret. A text that is not valid UTF-8 is offered as a file. */
export function Shown({ secret, ack, onSeen, onForget }: Props) {
  const text = useMemo(() => (secret.meta.type === "text" ? textOf(secret.data) : undefined), [secret]);
  return (
    <Page title={text === undefined ? t("open.shown.file") : t("open.shown.title")} class="shown">
      {text === undefined ? (
        <FileSecret secret={secret} onSeen={onSeen} />
      ) : (
        <TextSecret text={text} data={secret.data} onSeen={onSeen} />
      )}
      <p class="fate" role="status">
        {fateOf(secret, ack)}
      </p>
      {secret.left > 0 && <p class="hint">{t("open.shown.history")}</p>}
      <div class="row">
        <Button kind="quiet" onClick={onForget}>
          {t("open.forget")}
        </Button>
      </div>
    </Page>
  );
}

/** Describes what is left of the secret, and where. */
function fateOf({ left, expires }: Secret, ack: Ack): string {
  switch (ack) {
    case "due":
      return t("open.shown.due");
    case "sent":
      return t("open.shown.sent");
    case "failed":
      return t("open.shown.failed");
    case "done":
      return left === 0 ? t("open.shown.gone") : t("open.shown.left", { count: left, time: formatTime(expires) });
  }
}
