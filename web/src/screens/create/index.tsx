import { useEffect, useState } from "preact/hooks";
import { askBeforeLeaving } from "../../shared/lifecycle.js";
import { isEmpty } from "./content.js";
import { emptyForm } from "./form.js";
import { FormScreen } from "./form-screen.js";
import { loadResult, useCreate } from "./use-create.js";

/** Seals a secret and shows its link. */
export default function CreateScreen() {
  const [form, setForm] = useState(emptyForm);
  const { phase, submit, cancel, reset } = useCreate();
  const unsent = phase.name !== "done" && !(isEmpty(form) && form.passphrase === "");

  useEffect(() => {
    if (phase.name === "done") {
      setForm(({ key, rememberKey }) => ({ ...emptyForm(), key, rememberKey })); // the key stays for the next secret
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

/** While something is unsent, warns before the page is left, and loads the component that will show the link. */
function useUnsent(unsent: boolean): void {
  useEffect(() => {
    if (!unsent) {
      return undefined;
    }
    void loadResult().catch(() => undefined);
    return askBeforeLeaving();
  }, [unsent]);
}
