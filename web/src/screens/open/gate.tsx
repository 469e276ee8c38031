import { useEffect, useRef, useState } from "preact/hooks";
import type { Status } from "../../api/index.js";
import { formatSpan, formatTime, t } from "../../i18n/index.js";
import { announce, Notice } from "../../ui/index.js";
import { Page } from "../../shared/page.js";
import { Passphrase } from "./passphrase.js";
import { WaxButton } from "./wax-button.js";
import type { OpenState, Refused } from "./state.js";
import { Typed } from "./typed.js";

/** The states between looking and showing. One component renders them, so that a typed passphrase stays. */
export type GateState = Extract<OpenState, { screen: "ready" | "stretching" | "reading" }>;

interface Props {
  readonly state: GateState;
  readonly onRead: (passphrase: string) => void;
}

/** What is known of a secret, the passphrase if it needs one, and the wax to press. */
export function Gate({ state, onRead }: Props) {
  const [known, setKnown] = useState<Status | undefined>(undefined);
  const [passphrase, setPassphrase] = useState("");
  const [missing, setMissing] = useState(false);
  const [early, setEarly] = useState(false);
  const wax = useRef<HTMLButtonElement>(null);
  const field = useRef<HTMLInputElement>(null);
  const status = state.screen === "ready" ? state.status : known;
  const refused = state.screen === "ready" ? state.refused : undefined;

  useEffect(() => {
    if (state.screen === "ready") {
      setKnown(state.status);
    }
    if (refused) {
      field.current?.focus();
      field.current?.select();
    }
    if (state.screen !== "ready") {
      announce(`${titleOf(state)}. ${hintOf(state, false)}`);
    }
  }, [state]);

  const read = (): void => {
    setEarly(false);
    setMissing(status?.passphrase === true && passphrase === "");
    if (status?.passphrase && passphrase === "") {
      field.current?.focus();
    } else {
      onRead(status?.passphrase ? passphrase : "");
    }
  };
  const tooEarly = (): void => {
    setEarly(true);
    announce(t("open.press.early"));
  };
  const change = (text: string): void => {
    setPassphrase(text);
    setMissing(false);
  };

  return (
    <Page title={titleOf(state)} class="gate" quiet={state.screen !== "ready"}>
      {status && <Facts status={status} lapsed={state.screen === "ready" && state.lapsed === true} />}
      {status?.passphrase && (
        <Passphrase
          value={passphrase}
          error={missing ? t("open.passphrase.missing") : refused && refusal(refused)}
          busy={state.screen !== "ready"}
          field={field}
          onInput={change}
          onEnter={() => wax.current?.focus()}
        />
      )}
      <WaxButton
        label={state.screen === "ready" ? t("open.press") : titleOf(state)}
        describedBy="wax-hint"
        broken={state.screen !== "ready"}
        onPressed={read}
        onEarly={tooEarly}
        button={wax}
      />
      <p id="wax-hint" class={early ? "wax-hint early" : "wax-hint"}>
        {hintOf(state, early)}
      </p>
      {state.screen === "ready" && <Typed offered={early} onRight={read} />}
    </Page>
  );
}

function titleOf(state: GateState): string {
  switch (state.screen) {
    case "ready":
      return t("open.ready.title");
    case "stretching":
      return t("open.stretching.title");
    case "reading":
      return t("open.reading.title");
  }
}

function hintOf(state: GateState, early: boolean): string {
  switch (state.screen) {
    case "ready":
      return early ? t("open.press.early") : t("open.press.hint");
    case "stretching":
      return t("open.stretching.text");
    case "reading":
      return state.attempt === 1 ? t("open.reading.text") : t("common.retrying", { attempt: state.attempt });
  }
}

function refusal({ tries, invalid }: Refused): string {
  if (invalid) {
    return t("open.passphrase.invalid");
  }
  return tries === undefined ? t("open.refused.some") : t("open.refused", { count: tries });
}

function Facts({ status, lapsed }: { readonly status: Status; readonly lapsed: boolean }) {
  const { views_left: count, expires_at: end } = status;
  return (
    <div class="facts">
      {lapsed && (
        <Notice>
          <p>{t("open.lapsed")}</p>
        </Notice>
      )}
      <p>{t("open.ready.views", { count })}</p>
      <p>{t("open.ready.until", { relative: formatSpan(end), time: formatTime(end) })}</p>
      <p>{t("open.ready.size")}</p>
    </div>
  );
}
