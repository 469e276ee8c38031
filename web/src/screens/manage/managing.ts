/** From a manage link to what became of its secret, and to ending or unlocking it. It knows no DOM. */
import { type Api, ApiError, type CallOptions, type Receipt } from "../../api/index.js";
import { type Bytes, wipe } from "../../format/bytes.js";
import { formatManageLink, type ManageLink } from "../../format/link.js";
import { type Damage, DamagedLink, findManageLink, isAddressAlone } from "../../shared/find-link.js";

export type ManageState =
  | { readonly screen: "paste" }
  | { readonly screen: "damaged"; readonly damage: Damage }
  | { readonly screen: "elsewhere"; readonly origin: string }
  | { readonly screen: "old"; readonly missing: string }
  | { readonly screen: "looking"; readonly attempt?: number }
  | Known
  | { readonly screen: "unknown" }
  | { readonly screen: "trouble"; readonly error: ApiError }
  | { readonly screen: "dropped" };

export type Act = "refresh" | "revoke" | "unlock";

export interface Known {
  readonly screen: "known";
  readonly receipt: Receipt;
  /** The manage link, for the person to keep. */
  readonly link: string;
  /** What is under way. */
  readonly busy?: Act;
  /** Of what is under way, from the second on. */
  readonly attempt?: number;
  /** What the last act did. */
  readonly done?: Act;
  /** Why the last act did nothing. */
  readonly error?: ApiError;
}

export interface Parts {
  readonly origin: string;
  api(): Promise<Pick<Api, "receipt" | "revoke" | "unlock">>;
  newKey(): Bytes;
  missing(): string | undefined;
}

type Run = (
  api: Awaited<ReturnType<Parts["api"]>>,
  link: ManageLink,
  options: CallOptions,
) => Promise<void>;

export class Managing {
  #state: ManageState = { screen: "looking" };
  #listener: (state: ManageState) => void = () => undefined;
  #link: ManageLink | undefined;
  #key: Bytes | undefined; // of the unlock, until it is known to be done
  readonly #end = new AbortController();

  constructor(private readonly parts: Parts) {}

  get state(): ManageState {
    return this.#state;
  }

  subscribe(listener: (state: ManageState) => void): void {
    this.#listener = listener;
  }

  /** Takes what stood in the address bar, was pasted or was remembered. */
  async start(text: string): Promise<void> {
    const missing = this.parts.missing();
    if (missing !== undefined) {
      return this.#set({ screen: "old", missing });
    }
    if (isAddressAlone(text)) {
      return this.#set({ screen: "paste" });
    }
    this.#set({ screen: "looking" });
    this.#set(await this.#begin(text).catch(endOf));
  }

  async again(): Promise<void> {
    const link = this.#link;
    if (link !== undefined && ["trouble", "unknown"].includes(this.#state.screen)) {
      this.#set({ screen: "looking" });
      this.#set(await this.#look(link).catch(endOf));
    }
  }

  refresh(): Promise<void> {
    return this.#act("refresh", async () => undefined);
  }

  revoke(): Promise<void> {
    return this.#act("revoke", async (api, { id, manage }, options) => api.revoke(id, manage, options));
  }

  unlock(): Promise<void> {
    return this.#act("unlock", async (api, { id, manage }, options) => {
      this.#key ??= this.parts.newKey();
      await api.unlock(id, manage, this.#key, options);
      this.#key = undefined;
    });
  }

  /** Forgets the link, for good. */
  drop(): void {
    this.#end.abort();
    if (this.#link) {
      wipe(this.#link.manage);
      this.#link = undefined;
      this.#state = { screen: "dropped" };
      this.#listener(this.#state);
    }
  }

  async #begin(text: string): Promise<ManageState> {
    const link = await findManageLink(text);
    if (link.origin !== this.parts.origin) {
      return { screen: "elsewhere", origin: link.origin };
    }
    this.#link = link;
    return this.#look(link);
  }

  async #look(link: ManageLink): Promise<Known> {
    const api = await this.parts.api();
    const receipt = await api.receipt(link.id, link.manage, this.#options());
    return { screen: "known", receipt, link: await formatManageLink(link) };
  }

  /** Does one thing at a time, and looks what came of it. What fails leaves the receipt where it is. */
  async #act(act: Act, run: Run): Promise<void> {
    const state = this.#state;
    const link = this.#link;
    if (state.screen !== "known" || state.busy || link === undefined) {
      return;
    }
    const { receipt, link: text } = state;
    this.#set({ screen: "known", receipt, link: text, busy: act });
    try {
      await run(await this.parts.api(), link, this.#options());
      this.#set({ ...(await this.#look(link)), done: act });
    } catch (error) {
      this.#set({
        screen: "known",
        receipt,
        link: text,
        error: error instanceof ApiError ? error : new ApiError("bad-answer"),
      });
    }
  }

  #options(): CallOptions {
    const onRetry = (attempt: number): void => {
      if (this.#state.screen === "looking" || this.#state.screen === "known") {
        this.#set({ ...this.#state, attempt });
      }
    };
    return { signal: this.#end.signal, onRetry };
  }

  #set(state: ManageState): void {
    if (!this.#end.signal.aborted) {
      this.#state = state;
      this.#listener(state);
    }
  }
}

function endOf(error: unknown): ManageState {
  if (error instanceof DamagedLink) {
    return { screen: "damaged", damage: error.damage };
  }
  const known = error instanceof ApiError ? error : new ApiError("bad-answer");
  return known.problem === "not-found" ? { screen: "unknown" } : { screen: "trouble", error: known };
}
