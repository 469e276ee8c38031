/**
 * A session works on one link, from its text to the end: it finds the link, checks that this page
 * can open it, and reports each of its states. It knows no DOM and no clock.
 */
import type { Api } from "../api/index.js";
import type { Bytes } from "../format/bytes.js";
import { type Damage, DamagedLink, isAddressOnly } from "./find-link.js";

/** The states of every session. */
export type LinkState =
  | { readonly screen: "paste" }
  | { readonly screen: "damaged"; readonly damage: Damage }
  | { readonly screen: "elsewhere"; readonly origin: string }
  | { readonly screen: "old"; readonly missing: string }
  /** Attempt counts the tries of the call, from 1 on. */
  | { readonly screen: "looking"; readonly attempt: number }
  | { readonly screen: "dropped" };

/** What a session needs of the browser, with the calls of the API that it makes. */
export interface Environment<Call extends keyof Api> {
  /** The origin of the page. */
  readonly origin: string;
  api(): Promise<Pick<Api, Call>>;
  /** Returns a new Idempotency-Key. */
  newKey(): Bytes;
  /** Returns the name of a feature that the browser does not have, undefined when it has all. */
  missing(): string | undefined;
}

/** The states that stay on the screen when the page is left: they contain nothing of a secret. */
const lasting: readonly string[] = ["paste", "damaged", "elsewhere", "old", "gone", "dropped"];

export abstract class Session<Link extends { readonly origin: string }, State extends { readonly screen: string }> {
  #state: State | LinkState = { screen: "looking", attempt: 1 };
  #listener: (state: State | LinkState) => void = () => undefined;
  readonly #end = new AbortController();

  protected constructor(
    private readonly page: { readonly origin: string; missing(): string | undefined },
    private readonly find: (text: string) => Promise<Link>,
  ) {}

  get state(): State | LinkState {
    return this.#state;
  }

  /** Sets the one listener, which is called with every new state. */
  subscribe(listener: (state: State | LinkState) => void): void {
    this.#listener = listener;
  }

  /** Takes a text from the address bar, the clipboard or the store of this device. */
  async start(text: string): Promise<void> {
    const missing = this.page.missing();
    if (missing !== undefined) {
      return this.show({ screen: "old", missing });
    }
    if (isAddressOnly(text)) {
      return this.show({ screen: "paste" });
    }
    await this.run({ screen: "looking", attempt: 1 }, () => this.#begin(text));
  }

  /** Forgets the link and everything opened with it, for good. */
  drop(): void {
    const { screen } = this.#state;
    this.#end.abort();
    this.wipe();
    if (!lasting.includes(screen)) {
      this.#state = { screen: "dropped" };
      this.#listener(this.#state);
    }
  }

  /** Keeps a link of this page and returns the state to which it leads. */
  protected abstract take(link: Link): Promise<State | LinkState>;

  /** Returns the state to which an error leads. */
  protected abstract endOf(error: unknown): State | LinkState;

  /** Overwrites all secrets. */
  protected abstract wipe(): void;

  /** Aborts when the session ends. */
  protected get signal(): AbortSignal {
    return this.#end.signal;
  }

  /** Shows a state while work is done, and then the state to which it leads. */
  protected async run(busy: State | LinkState, work: () => Promise<State | LinkState>): Promise<void> {
    this.show(busy);
    this.show(await work().catch((error: unknown) => this.endOf(error)));
  }

  /** Changes the state, unless the session has ended. */
  protected show(state: State | LinkState): void {
    if (!this.signal.aborted) {
      this.#state = state;
      this.#listener(state);
    }
  }

  async #begin(text: string): Promise<State | LinkState> {
    try {
      const link = await this.find(text);
      return link.origin === this.page.origin ? await this.take(link) : { screen: "elsewhere", origin: link.origin };
    } catch (error) {
      if (error instanceof DamagedLink) {
        return { screen: "damaged", damage: error.damage };
      }
      throw error;
    }
  }
}
