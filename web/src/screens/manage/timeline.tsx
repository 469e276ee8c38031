import type { ReceiptEvent } from "../../api/index.js";
import { formatTime, t } from "../../i18n/index.js";

/** What happened to a secret, the oldest first. */
export function Timeline({ events }: { readonly events: readonly ReceiptEvent[] }) {
  return (
    <>
      <h2>{t("manage.timeline")}</h2>
      <ol class="timeline">
        {events.map((event) => (
          <li class={event.event}>
            <span class="what">{nameOf(event)}</span>{" "}
            <time dateTime={new Date(event.at * 1000).toISOString()}>{formatTime(event.at)}</time>
          </li>
        ))}
      </ol>
    </>
  );
}

function nameOf({ event, held }: ReceiptEvent): string {
  return event === "expired" && held ? t("manage.event.expired.held") : t(`manage.event.${event}`);
}
