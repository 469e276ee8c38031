import { useEffect, useRef } from "preact/hooks";
import { missingFeature } from "../../shared/features.js";
import { t } from "../../i18n/index.js";
import { useConfig } from "../../shared/server.js";
import { announce, Button, Heading, Notice, Working } from "../../ui/index.js";
import { ContentField } from "./content-field.js";
import { excess, type FieldName, type Form, type Refusal } from "./form.js";
import { KeyField } from "./key-field.js";
import { PassphraseField } from "./passphrase-field.js";
import { signInAddress, SignedIn } from "./sign-in.js";
import { Terms } from "./terms.js";
import type { Phase } from "./use-create.js";

interface Props {
  readonly form: Form;
  readonly phase: Exclude<Phase, { name: "done" }>;
  readonly onChange: (change: Partial<Form>) => void;
  readonly onSubmit: () => void;
  readonly onCancel: () => void;
}

/** The form of a new secret. */
export function FormScreen({ form, phase, onChange, onSubmit, onCancel }: Props) {
  const element = useRef<HTMLFormElement>(null);
  const refusal = phase.name === "form" ? phase.refusal : undefined;
  const missing = missingFeature();

  useEffect(() => {
    if (refusal?.field) {
      announce(refusal.text); // notices are announced anyway
    }
    if (refusal) {
      const place = refusal.field ? "[aria-invalid=true]" : "[type=submit]";
      element.current?.querySelector<HTMLElement>(place)?.focus();
    }
  }, [refusal]);

  return (
    <>
      <Heading focus={false}>{t("create.title")}</Heading>
      <p class="lead">{t("common.lead")}</p>
      <SignedIn />
      {missing && <Refused refusal={{ text: t("common.old", { missing }) }} />}
      <form
        ref={element}
        class="create"
        onSubmit={(event) => {
          event.preventDefault();
          onSubmit();
        }}
        onKeyDown={(event) => {
          if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
            event.currentTarget.requestSubmit();
          }
        }}
      >
        <fieldset disabled={phase.name !== "form"}>
          <Fields form={form} refusal={refusal} onChange={onChange} />
        </fieldset>
        {refusal && !refusal.field && <Refused refusal={refusal} />}
        <Submit phase={phase} onCancel={onCancel} />
      </form>
    </>
  );
}

interface FieldsProps extends Pick<Props, "form" | "onChange"> {
  readonly refusal: Refusal | undefined;
}

function Fields({ form, refusal, onChange }: FieldsProps) {
  const config = useConfig();
  const tooLarge = config && excess(form, config);
  const errorOf = (field: FieldName): string | undefined => (refusal?.field === field ? refusal.text : undefined);
  return (
    <>
      <ContentField
        content={form}
        config={config}
        error={tooLarge?.text ?? errorOf("content")}
        onChange={onChange}
      />
      <Terms form={form} limits={config} onChange={onChange} />
      <PassphraseField
        passphrase={form.passphrase}
        required={config?.require_passphrase ?? false}
        error={errorOf("passphrase")}
        onChange={(passphrase) => onChange({ passphrase })}
      />
      {config?.create === "key" && <KeyField form={form} error={errorOf("key")} onChange={onChange} />}
    </>
  );
}

function Refused({ refusal }: { readonly refusal: Refusal }) {
  return (
    <Notice kind="error">
      <p>{refusal.text}</p>
      {refusal.signIn && (
        <p>
          <a href={signInAddress} target="_blank" rel="noopener">
            {t("create.sign_in_link")}
          </a>
        </p>
      )}
    </Notice>
  );
}

function Submit({ phase, onCancel }: Pick<Props, "phase" | "onCancel">) {
  if (phase.name === "stretching") {
    return <Working text={t("common.stretching")} onCancel={onCancel} />;
  }
  if (phase.name === "sending") {
    const again = phase.attempt > 1;
    return <Working text={again ? t("common.retrying", { attempt: phase.attempt }) : t("create.sending")} onCancel={onCancel} />;
  }
  return (
    <Button kind="primary" type="submit">
      {t("create.submit")}
    </Button>
  );
}
