import { useEffect, useState } from "preact/hooks";
import { browserApi } from "../../api/discover.js";
import { ApiError, type State } from "../../api/index.js";
import { formatTime, t } from "../../i18n/index.js";
import { parseManageLink } from "../../format/link.js";
import { Button } from "../../ui/index.js";
import type { Remembered } from "../../shared/remembered.js";

interface Props {
  readonly entry: Remembered;
  readonly onManage: (link: string) => void;
  readonly onForget: (link: string) => void;
}

type Found = State | "asking" | "unknown" | "trouble" | "elsewhere";

export function Entry({ entry, onManage, onForget }: Props) {
  const { link, label, expires } = entry;
  const [found, setFound] = useState<Found>("asking");
  const name = label ?? t("mine.unnamed", { time: formatTime(expires) });
  useEffect(() => {
    const abort = new AbortController();
    void getState(link, abort.signal).then((state) => abort.signal.aborted || setFound(state));
    return () => abort.abort();
  }, [link]);
  return (
    <li class="entry">
      <p class="entry-name">
        <bdi>{name}</bdi>
      </p>
      <p class={`state ${found}`}>{stateText(found, link)}</p>
      <div class="actions">
        <Button onClick={() => onManage(link)} aria-label={t("mine.manage.name", { name })}>
          {t("mine.manage")}
        </Button>
        <Button kind="quiet" onClick={() => onForget(link)} aria-label={t("mine.forget.name", { name })}>
          {t("mine.forget")}
        </Button>
      </div>
    </li>
  );
}

function stateText(found: Found, link: string): string {
  switch (found) {
    case "asking":
      return t("mine.asking");
    case "unknown":
      return t("mine.unknown");
    case "trouble":
      return t("mine.trouble");
    case "elsewhere":
      return t("mine.elsewhere", { origin: new URL(link).origin });
    default:
      return t(`manage.state.${found}`);
  }
}

/** Gets the state of a secret. Sends nothing for a link of another server. */
async function getState(link: string, signal: AbortSignal): Promise<Found> {
  try {
    const { origin, id, manage } = await parseManageLink(link);
    if (origin !== location.origin) {
      return "elsewhere";
    }
    const api = await browserApi();
    return (await api.receipt(id, manage, { signal })).state;
  } catch (error) {
    return error instanceof ApiError && error.problem !== "not-found" ? "trouble" : "unknown";
  }
}
