import type { ComponentChildren, VNode } from "preact";
import { t } from "../i18n/index.js";
import { Button } from "../ui/index.js";
import { Page } from "./page.js";
import type { LinkState } from "./session.js";
import { WaxPicture } from "./wax-picture.js";

interface EndProps {
  readonly title: string;
  /** The state of the wax, if the screen shows it. */
  readonly wax?: "whole" | "broken" | "over";
  readonly texts: readonly string[];
  readonly children?: ComponentChildren;
}

/** A screen that explains why nothing is opened, and what to do next. */
export function End({ title, wax, texts, children }: EndProps) {
  return (
    <Page title={title} class="end" above={wax && <Still wax={wax} />}>
      {texts.map((text) => (
        <p>{text}</p>
      ))}
      {children}
    </Page>
  );
}

function Still({ wax }: { readonly wax: "whole" | "broken" | "over" }) {
  return (
    <div class={wax === "over" ? "wax-still broken over" : `wax-still ${wax}`}>
      <WaxPicture broken={wax !== "whole"} />
    </div>
  );
}

interface LinkEndProps {
  readonly state: Extract<LinkState, { screen: "damaged" | "elsewhere" | "old" }>;
  /** The form for another link. */
  readonly form: VNode;
}

/** The ends of every kind of link: it is damaged, belongs to another server, or the browser is too old. */
export function LinkEnd({ state, form }: LinkEndProps) {
  switch (state.screen) {
    case "damaged":
      return (
        <End title={t("open.damaged.title")} texts={[t(`open.damaged.${state.damage}`), t("open.damaged.next")]}>
          {form}
        </End>
      );
    case "elsewhere":
      return <Elsewhere origin={state.origin} />;
    case "old":
      return (
        <End title={t("open.old.title")} texts={[t("open.old.text", { missing: state.missing }), t("open.old.next")]} />
      );
  }
}

function Elsewhere({ origin }: { readonly origin: string }) {
  return (
    <End title={t("open.elsewhere.title")} texts={[t("open.elsewhere.text", { origin }), t("open.elsewhere.next")]}>
      <p>
        <a class="button" href={origin} rel="noreferrer noopener">
          {t("open.elsewhere.go", { origin })}
        </a>
      </p>
    </End>
  );
}

export function Again({ label, onAgain }: { readonly label: string; readonly onAgain: () => void }) {
  return (
    <p>
      <Button kind="primary" onClick={onAgain}>
        {label}
      </Button>
    </p>
  );
}
