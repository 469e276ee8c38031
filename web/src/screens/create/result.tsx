import type { ComponentChildren } from "preact";
import { useRef, useState } from "preact/hooks";
import { formatSpan, formatTime, t } from "../../i18n/index.js";
import { Remember } from "../../shared/remember.js";
import { Button, Copy, Heading } from "../../ui/index.js";
import { Mark } from "../../ui/mark.js";
import { QrCode } from "./qr-code.js";
import type { Made } from "./sealing.js";

interface Props {
  readonly made: Made;
  readonly onAgain: () => void;
}

/** Shows the link, the passphrase and the manage link of a new secret. */
export function Result({ made, onAgain }: Props) {
  const [qr, setQr] = useState(false);
  return (
    <>
      <Heading>{t("create.done")}</Heading>
      <div class="letter">
        <Mark />
        <Handout text={made.link} label={t("create.copy_link")} primary>
          <Button kind="quiet" aria-expanded={qr} onClick={() => setQr(!qr)}>
            {t(qr ? "create.qr_hide" : "create.qr_show")}
          </Button>
        </Handout>
        {qr && <QrCode text={made.link} label={t("create.qr")} />}
      </div>
      <ul class="fate-list">
        <li>{t("create.until", { count: made.views, time: formatTime(made.expires), relative: formatSpan(made.expires) })}</li>
        <li>{t(made.passphrase === "" ? "create.anybody" : "create.both")}</li>
        <li>{t("create.only_here")}</li>
      </ul>
      {made.passphrase !== "" && (
        <section class="part">
          <h2>{t("create.passphrase")}</h2>
          <p>{t("create.apart")}</p>
          <Handout text={made.passphrase} label={t("create.copy_passphrase")} />
        </section>
      )}
      <section class="part">
        <h2>{t("create.manage")}</h2>
        <p>{t("create.manage_text")}</p>
        <Handout text={made.manageLink} label={t("create.copy_manage")} />
        <Remember link={made.manageLink} expires={made.expires} />
      </section>
      <Button onClick={onAgain}>{t("create.again")}</Button>
    </>
  );
}

interface HandoutProps {
  readonly text: string;
  readonly label: string;
  readonly primary?: boolean;
  /** More buttons. */
  readonly children?: ComponentChildren;
}

/** A text to copy. */
function Handout({ text, label, primary = false, children }: HandoutProps) {
  const shown = useRef<HTMLElement>(null);
  return (
    <div class={primary ? "handout first" : "handout"}>
      <code ref={shown} dir="auto" translate={false}>
        {text}
      </code>
      <div class="row">
        <Copy
          text={() => text}
          label={label}
          kind={primary ? "primary" : "plain"}
          onRefused={() => shown.current && getSelection()?.selectAllChildren(shown.current)}
        />
        {children}
      </div>
    </div>
  );
}
