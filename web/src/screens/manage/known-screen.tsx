import { useEffect, useRef, useState } from "preact/hooks";
import type { Receipt, ReceiptEvent, State } from "../../api/index.js";
import { formatSpan, formatTime, t } from "../../i18n/index.js";
import { Page } from "../../shared/page.js";
import { problemText } from "../../shared/problem-text.js";
import { Remember } from "../../shared/remember.js";
import { announce, Button, Notice, Working } from "../../ui/index.js";
import type { Action, Known, Managing } from "./managing.js";

interface Props {
  readonly state: Known;
  readonly managing: Managing;
}

const done = { refresh: "manage.refreshed", revoke: "manage.revoked", unlock: "manage.unlocked" } as const;

/** The receipt of a secret, with the actions on it. */
export function KnownScreen({ state, managing }: Props) {
  const { receipt, link, busy, attempt, error } = state;
  const lives = isAlive(receipt.state);
  const line = useRef<HTMLParagraphElement>(null);
  useEffect(() => {
    if (state.done) {
      announce(t(done[state.done]));
    }
    if (state.done && state.done !== "refresh") {
      line.current?.focus(); // the pressed button has been removed
    }
  }, [state]);
  return (
    <Page title={t("manage.title")} class="manage">
      <p class={`state ${receipt.state}`} data-testid="state" ref={line} tabIndex={-1}>
        {t(`manage.state.${receipt.state}`)}
      </p>
      {lives && (
        <p>
          {t("manage.views", { count: receipt.views_left })}{" "}
          {t("manage.until", { relative: formatSpan(receipt.expires_at), time: formatTime(receipt.expires_at) })}
        </p>
      )}
      {attempt && <Working text={t("common.retrying", { attempt })} />}
      {error && (
        <Notice kind="error">
          <p>{problemText(error)}</p>
        </Notice>
      )}
      {receipt.state === "frozen" && (
        <Notice>
          <p>{t(`manage.frozen.${receipt.reason}`)}</p>
          {receipt.reason === "passphrase" && <p>{unlocksText(receipt.unlocks_left)}</p>}
        </Notice>
      )}
      <Actions state={receipt.state} unlockable={isUnlockable(receipt)} busy={busy} managing={managing} />
      <Timeline events={receipt.events} />
      <Remember link={link} expires={receipt.expires_at} />
    </Page>
  );
}

/** Reports whether the secret is frozen and may be unlocked. Forgetting wrong passphrases has a limit. */
function isUnlockable({ state, reason, unlocks_left }: Receipt): boolean {
  return state === "frozen" && (reason !== "passphrase" || unlocks_left > 0);
}

function unlocksText(count: number): string {
  return count > 0 ? t("manage.unlocks", { count }) : t("problem.frozen");
}

function isAlive(state: State): boolean {
  return state === "live" || state === "frozen" || state === "held";
}

interface ActionsProps {
  readonly state: State;
  readonly unlockable: boolean;
  readonly busy: Action | undefined;
  readonly managing: Managing;
}

function Actions({ state, unlockable, busy, managing }: ActionsProps) {
  const [asking, setAsking] = useState(false);
  const off = busy !== undefined;
  if (asking && isAlive(state)) {
    const revoke = (): void => {
      setAsking(false);
      void managing.revoke();
    };
    return <Question onYes={revoke} onNo={() => setAsking(false)} />;
  }
  return (
    <div class="actions">
      {unlockable && (
        <Button kind="primary" aria-disabled={off} onClick={() => void managing.unlock()}>
          {t("manage.unlock")}
        </Button>
      )}
      <Button aria-disabled={off} onClick={() => void managing.refresh()}>
        {t("manage.refresh")}
      </Button>
      {isAlive(state) && (
        <Button kind="danger" aria-disabled={off} onClick={() => setAsking(true)}>
          {t("manage.revoke")}
        </Button>
      )}
    </div>
  );
}

/** Asks in the page, because a browser may suppress dialogs. */
function Question({ onYes, onNo }: { readonly onYes: () => void; readonly onNo: () => void }) {
  return (
    <div class="question" role="group" aria-labelledby="revoke-question">
      <p id="revoke-question">{t("manage.revoke.ask")}</p>
      <div class="actions">
        <Button kind="danger" ref={focus} onClick={onYes}>
          {t("manage.revoke.yes")}
        </Button>
        <Button onClick={onNo}>{t("manage.revoke.no")}</Button>
      </div>
    </div>
  );
}

function focus(button: HTMLButtonElement | null): void {
  button?.focus();
}

function Timeline({ events }: { readonly events: readonly ReceiptEvent[] }) {
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
