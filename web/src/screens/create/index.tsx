import { useEffect, useState } from "preact/hooks";
import { askBeforeLeaving } from "../../shared/lifecycle.js";
import { storedKey } from "./create-key.js";
import { isEmpty } from "./content.js";
import type { Form } from "./form.js";
import { FormScreen } from "./form-screen.js";
import { loadResult, useCreate } from "./use-create.js";

function emptyForm(): Form {
  const key = storedKey();
  return { text: "", passphrase: "", key, rememberKey: key !== "" };
}

/** Seals a secret and hands out its link. */
export default function CreateScreen() {
  const [form, setForm] = useState(emptyForm);
  const { phase, submit, cancel, reset } = useCreate();
  const unsent = phase.name !== "done" && !(isEmpty(form) && form.passphrase === "");

  useEffect(() => {
    if (phase.name === "done") {
      setForm(({ key, rememberKey }) => ({ ...emptyForm(), key, rememberKey })); // the key is asked for once
    }
  }, [phase.name]);

  useEffect(() => {
    const drop = (): void => {
      reset();
      setForm(emptyForm());
    };
    addEventListener("pagehide", drop);
    return () => removeEventListener("pagehide", drop);
  }, []);

  useUnsent(unsent);

  if (phase.name === "done") {
    const { Result, made } = phase;
    return <Result made={made} onAgain={reset} />;
  }
  return (
    <FormScreen
      form={form}
      phase={phase}
      onChange={(change) => setForm((old) => ({ ...old, ...change }))}
      onSubmit={() => void submit(form)}
      onCancel={cancel}
    />
  );
}

/** While something is unsent, lets the browser ask before it is lost, and loads what will show its link. */
function useUnsent(unsent: boolean): void {
  useEffect(() => {
    if (!unsent) {
      return undefined;
    }
    void loadResult().catch(() => undefined);
    return askBeforeLeaving();
  }, [unsent]);
}
