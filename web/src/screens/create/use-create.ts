import { useRef, useState } from "preact/hooks";
import type { Draft } from "../../api/index.js";
import { completeTexts } from "../../i18n/index.js";
import { connect, type Server } from "../../shared/server.js";
import { storeItem } from "../../shared/storage.js";
import { argon2InWorker } from "../../worker/index.js";
import { termsOf } from "./choices.js";
import { dataOf, metaOf } from "./content.js";
import { check, type Form, keyName, type Refusal } from "./form.js";
import { mayBeAccepted, NotLoaded, refusalOf } from "./refusal.js";
import type { Result } from "./result.js";
import { type Made, type Sealed, sealOrder } from "./sealing.js";

/** The phases of a creation. Attempt counts the tries to send, from 1 on. */
export type Phase =
  | { readonly name: "form"; readonly refusal?: Refusal }
  | { readonly name: "stretching" }
  | { readonly name: "sending"; readonly attempt: number }
  | { readonly name: "done"; readonly made: Made; readonly Result: typeof Result };

/** One submission of the form. */
interface Submission {
  readonly form: Form;
  readonly signal: AbortSignal;
  readonly show: (phase: Phase) => void;
}

/** Seals and sends a form. After a lost answer the same envelope is sent again, so that it is created only once. */
export function useCreate() {
  const [phase, setPhase] = useState<Phase>({ name: "form" });
  const abort = useRef<AbortController | undefined>(undefined);
  const kept = useRef<{ form: Form; sealed: Sealed } | undefined>(undefined);

  async function submit(form: Form): Promise<void> {
    if (abort.current !== undefined) {
      return; // submitted twice
    }
    const own = new AbortController();
    abort.current = own;
    const show = (next: Phase): void => (own.signal.aborted ? undefined : setPhase(next));
    show(await work({ form, signal: own.signal, show }));
    if (abort.current === own) {
      abort.current = undefined;
    }
  }

  async function work(submission: Submission): Promise<Phase> {
    let server: Server | undefined;
    try {
      submission.show({ name: "sending", attempt: 1 });
      server = await connect();
      const refusal = check(submission.form, server.config);
      return refusal ? { name: "form", refusal } : await create(submission, server);
    } catch (error) {
      if (!mayBeAccepted(error) && !submission.signal.aborted) {
        kept.current = undefined;
      }
      return { name: "form", refusal: refusalOf(error, server?.config.create) };
    }
  }

  async function create(submission: Submission, server: Server): Promise<Phase> {
    const Result = await loadResult(); // loaded before anything is sent, because without it the link would be lost
    const { draft, made } = await sealed(submission, server);
    submission.show({ name: "sending", attempt: 1 });
    await send(submission, server, draft);
    kept.current = undefined;
    return { name: "done", made, Result };
  }

  async function sealed(submission: Submission, server: Server): Promise<Sealed> {
    if (kept.current?.form !== submission.form) {
      kept.current = { form: submission.form, sealed: await sealForm(submission, server) };
    }
    return kept.current.sealed;
  }

  return {
    phase,
    submit,
    /** Cancels the submission and keeps the form. */
    cancel: (): void => {
      abort.current?.abort();
      abort.current = undefined;
      setPhase({ name: "form" });
    },
    /** Drops everything, for the next secret. */
    reset: (): void => {
      abort.current?.abort();
      kept.current = undefined;
      setPhase({ name: "form" });
    },
  };
}

async function sealForm({ form, signal, show }: Submission, { config, now }: Server): Promise<Sealed> {
  const { passphrase } = form;
  if (passphrase !== "") {
    show({ name: "stretching" });
  }
  const order = { meta: metaOf(form), data: await dataOf(form), ...termsOf(form, config), passphrase };
  return sealOrder(order, location.origin, now(), (passphrase, salt) => argon2InWorker(passphrase, salt, signal));
}

async function send({ form, signal, show }: Submission, { api, config }: Server, draft: Draft): Promise<void> {
  const key = config.create === "key" ? form.key : null;
  await api.create(draft, key, { signal, onRetry: (attempt) => show({ name: "sending", attempt }) });
  if (key !== null) {
    storeItem(keyName, form.rememberKey ? key : "");
  }
}

/** Loads the component that shows the link. Call it early: the network may fail later. */
export async function loadResult(): Promise<typeof Result> {
  try {
    const [{ Result }] = await Promise.all([import("./result.js"), completeTexts()]);
    return Result;
  } catch {
    throw new NotLoaded();
  }
}
