/**
 * From a link to a secret, as docs/design.md has it: status first, which costs nothing; one
 * deliberate act, which stands under one Idempotency-Key however often it is sent; the view
 * is acknowledged only once somebody has seen it. It knows no DOM, and no clock.
 */
import { wipe } from "../../format/bytes.js";
import { isAddressAlone } from "../../shared/find-link.js";
import { Asking, type Means } from "./calls.js";
import { endOf } from "./ends.js";
import { type Hand, letGo } from "./session.js";
import type { OpenState } from "./state.js";

/** What an opening stands on. */
export interface Parts extends Means {
  /** The name of something that the browser does not have, undefined when it has all. */
  missing(): string | undefined;
  /** Resolves after so many milliseconds, and not while nobody looks; rejects with the signal's reason. */
  wait(milliseconds: number, signal: AbortSignal): Promise<void>;
}

const firstNap = 5000; // milliseconds between two looks at a hold
const longestNap = 30000;

/** What stays on the screen when the page is left: it holds nothing of a secret. */
const lasting: readonly string[] = ["paste", "damaged", "elsewhere", "old", "gone", "dropped"];

export class Opening {
  #state: OpenState = { screen: "looking", attempt: 1 };
  #listener: (state: OpenState) => void = () => undefined;
  #hand: Hand | undefined;
  #nap = new AbortController();
  readonly #end = new AbortController();
  readonly #asking: Asking;

  constructor(private readonly parts: Parts) {
    this.#asking = new Asking(parts, this.#end.signal, (screen, attempt) => {
      if (this.#state.screen === screen) {
        this.#set({ screen, attempt });
      }
    });
  }

  get state(): OpenState {
    return this.#state;
  }

  /** Calls the one listener on every change. */
  subscribe(listener: (state: OpenState) => void): void {
    this.#listener = listener;
  }

  /** Takes what stood in the address bar or was pasted. */
  async start(text: string): Promise<void> {
    const missing = this.parts.missing();
    if (missing !== undefined) {
      return this.#set({ screen: "old", missing });
    }
    if (isAddressAlone(text)) {
      return this.#set({ screen: "paste" });
    }
    await this.#run({ screen: "looking", attempt: 1 }, () => this.#begin(text));
  }

  /** The deliberate act. Nothing happens unless the secret can be read now, and the passphrase is there if needed. */
  async read(passphrase = ""): Promise<void> {
    const hand = this.#hand;
    if (this.#state.screen !== "ready" || hand === undefined || (hand.status?.passphrase && passphrase === "")) {
      return;
    }
    const busy: OpenState = passphrase === "" ? { screen: "reading", attempt: 1 } : { screen: "stretching" };
    await this.#run(busy, async () => {
      const reader = await this.#asking.act(hand, passphrase);
      this.#set({ screen: "reading", attempt: 1 });
      return this.#asking.read(hand, reader);
    });
  }

  /** Asks again, under the same key where there was an act. */
  async again(): Promise<void> {
    const { screen } = this.#state;
    const hand = this.#hand;
    if (screen === "held") {
      this.#nap.abort();
    } else if (hand !== undefined && ["frozen", "trouble", "broken", "unknown"].includes(screen)) {
      const act = hand.reader !== undefined && screen !== "frozen";
      await this.#run({ screen: act ? "reading" : "looking", attempt: 1 }, () => this.#askOn(hand, act));
    }
  }

  /** Somebody has the secret, on screen or saved: the server may delete the view. */
  async seen(): Promise<void> {
    const state = this.#state;
    const hand = this.#hand;
    if (state.screen !== "shown" || state.ack !== "due" || hand === undefined) {
      return;
    }
    this.#set({ ...state, ack: "sent" });
    const ack = (await this.#asking.acknowledge(hand)) ? "done" : "failed";
    this.#letGo();
    if (this.#state.screen === "shown") {
      this.#set({ ...state, ack });
    }
  }

  /** Forgets keys and plaintext, for good. */
  drop(): void {
    const state = this.#state;
    this.#end.abort();
    this.#nap.abort();
    this.#letGo();
    if (state.screen === "shown") {
      wipe(state.secret.data);
    }
    if (!lasting.includes(state.screen)) {
      this.#state = { screen: "dropped" };
      this.#listener(this.#state);
    }
  }

  async #begin(text: string): Promise<OpenState> {
    const taken = await this.#asking.take(text);
    if ("elsewhere" in taken) {
      return { screen: "elsewhere", origin: taken.elsewhere };
    }
    this.#hand = taken;
    return this.#asking.look(taken);
  }

  /** Shows that it works, asks, and while a hold stands asks on. */
  async #run(busy: OpenState, ask: () => Promise<OpenState>): Promise<void> {
    this.#set(busy);
    for (let nap = firstNap; !this.#end.signal.aborted; nap = Math.min(nap * 1.5, longestNap)) {
      const next = await ask().catch((error: unknown) => endOf(error, this.#hand?.reader !== undefined));
      if (this.#state.screen !== "held" || next.screen !== "trouble") {
        this.#set(next);
      }
      const hand = this.#hand;
      if (this.#state.screen !== "held" || hand === undefined) {
        return;
      }
      ask = () => this.#askOn(hand, true);
      this.#nap = new AbortController();
      await this.parts.wait(nap, this.#nap.signal).catch(() => undefined);
    }
  }

  /** Asks for the view where there was an act, which a duplicate of it may still take; else looks. */
  #askOn(hand: Hand, act: boolean): Promise<OpenState> {
    return act && hand.reader ? this.#asking.read(hand, hand.reader) : this.#asking.look(hand);
  }

  #letGo(): void {
    if (this.#hand) {
      letGo(this.#hand);
      this.#hand = undefined;
    }
  }

  #set(state: OpenState): void {
    if (!this.#end.signal.aborted) {
      this.#state = state;
      this.#listener(state);
    } else if (state.screen === "shown") {
      wipe(state.secret.data); // it came too late
    }
  }
}
