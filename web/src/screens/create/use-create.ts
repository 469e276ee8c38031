import { useRef, useState } from "preact/hooks";
import type { Draft } from "../../api/index.js";
import { completeTexts } from "../../i18n/index.js";
import { connect, type Server } from "../../shared/server.js";
import { argon2InWorker } from "../../worker/index.js";
import { termsOf } from "./choices.js";
import { dataOf, metaOf } from "./content.js";
import { storeKey } from "./create-key.js";
import { check, type Form, type Refusal } from "./form.js";
import { mayPass, NotLoaded, refusalOf } from "./refusal.js";
import type { Result } from "./result.js";
import { type Made, type Sealed, sealOrder } from "./sealing.js";

/** How far it is. Attempt is of the sending, from 1 on. */
export type Phase =
  | { readonly name: "form"; readonly refusal?: Refusal }
  | { readonly name: "stretching" }
  | { readonly name: "sending"; readonly attempt: number }
  | { readonly name: "done"; readonly made: Made; readonly Result: typeof Result };

/** What one press of the button works with. */
interface Act {
  readonly form: Form;
  readonly signal: AbortSignal;
  readonly show: (phase: Phase) => void;
}

/** Seals and sends a form. What a lost answer leaves open is sent again as it was, so that it exists once. */
export function useCreate() {
  const [phase, setPhase] = useState<Phase>({ name: "form" });
  const abort = useRef<AbortController | undefined>(undefined);
  const kept = useRef<{ form: Form; sealed: Sealed } | undefined>(undefined);

  async function submit(form: Form): Promise<void> {
    if (abort.current !== undefined) {
      return; // pressed twice
    }
    const mine = new AbortController();
    abort.current = mine;
    const show = (next: Phase): void => (mine.signal.aborted ? undefined : setPhase(next));
    show(await work({ form, signal: mine.signal, show }));
    if (abort.current === mine) {
      abort.current = undefined;
    }
  }

  async function work(act: Act): Promise<Phase> {
    let server: Server | undefined;
    try {
      act.show({ name: "sending", attempt: 1 });
      server = await connect();
      const refusal = check(act.form, server.config);
      return refusal ? { name: "form", refusal } : await create(act, server);
    } catch (error) {
      if (!mayPass(error) && !act.signal.aborted) {
        kept.current = undefined;
      }
      return { name: "form", refusal: refusalOf(error, server?.config.create) };
    }
  }

  async function create(act: Act, server: Server): Promise<Phase> {
    const Result = await loadResult(); // before anything is sent: the link must not be lost with it
    const { draft, made } = await sealed(act, server);
    act.show({ name: "sending", attempt: 1 });
    await send(act, server, draft);
    kept.current = undefined;
    return { name: "done", made, Result };
  }

  async function sealed(act: Act, server: Server): Promise<Sealed> {
    if (kept.current?.form !== act.form) {
      kept.current = { form: act.form, sealed: await sealForm(act, server) };
    }
    return kept.current.sealed;
  }

  return {
    phase,
    submit,
    /** Gives up what is under way, and keeps what was typed. */
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

async function sealForm({ form, signal, show }: Act, { config, now }: Server): Promise<Sealed> {
  const { passphrase } = form;
  if (passphrase !== "") {
    show({ name: "stretching" });
  }
  const order = { meta: metaOf(form), data: await dataOf(form), ...termsOf(form, config), passphrase };
  return sealOrder(order, config, now(), (password, salt) => argon2InWorker(password, salt, signal));
}

async function send({ form, signal, show }: Act, { api, config }: Server, draft: Draft): Promise<void> {
  const key = config.create === "key" ? form.key : null;
  await api.create(draft, key, { signal, onRetry: (attempt) => show({ name: "sending", attempt }) });
  if (key !== null) {
    storeKey(form.rememberKey ? key : "");
  }
}

/** Loads what is shown in the end. Begin with it early: the network may go before it is needed. */
export async function loadResult(): Promise<typeof Result> {
  try {
    const [{ Result }] = await Promise.all([import("./result.js"), completeTexts()]);
    return Result;
  } catch {
    throw new NotLoaded();
  }
}
