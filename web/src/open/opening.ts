/**
 * From a link to a secret, as docs/design.md has it: status first, which costs nothing; one
 * deliberate act, which stands under one Idempotency-Key however often it is sent; the view
 * is acknowledged only once somebody has seen it. It knows no DOM, and no clock.
 */
import { type Api, ApiError, type Status } from "../api/index.js";
import { type Bytes, wipe } from "../bytes.js";
import type { Opened } from "../envelope.js";
import { type Keys, wipeKeys } from "../keys.js";
import type { Link } from "../link.js";
import { findLink } from "../mend.js";
import { endOf } from "./ends.js";
import type { OpenState } from "./state.js";

/** What an opening stands on. */
export interface Parts {
  /** The origin of the page. */
  readonly origin: string;
  api(): Promise<Pick<Api, "status" | "read" | "ack">>;
  derive(link: Link, passphrase: string): Promise<Keys>;
  open(keys: Keys, envelope: Bytes): Promise<Opened>;
  newKey(): Bytes;
  /** The name of something that the browser does not have, undefined when it has all. */
  missing(): string | undefined;
  /** Resolves after so many milliseconds, and not while nobody looks; rejects with the signal's reason. */
  wait(milliseconds: number, signal: AbortSignal): Promise<void>;
}

/** What is kept of a link while it is worked on. */
interface Hand {
  readonly link: Link;
  /** Derived without a passphrase: enough to look and to acknowledge. */
  readonly keys: Keys;
  status?: Status;
  /** Derived with the passphrase, from the act on. */
  reader?: Keys;
  /** Of the act; kept until its view is known to be over. */
  key?: Bytes;
  /** An answer to a read went missing, so that the view may be taken. */
  lost?: boolean;
}

const firstNap = 5000; // milliseconds between two looks at a hold
const longestNap = 30000;

export class Opening {
  #state: OpenState = { screen: "looking", attempt: 1 };
  #listener: (state: OpenState) => void = () => undefined;
  #hand: Hand | undefined;
  #nap = new AbortController();
  readonly #end = new AbortController();

  constructor(private readonly parts: Parts) {}

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
    if (!/#.|%23/.test(text)) {
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
    await this.#run(busy, () => this.#act(hand, passphrase));
  }

  /** Asks again, under the same key where there was an act. */
  async again(): Promise<void> {
    const { screen } = this.#state;
    const hand = this.#hand;
    if (screen === "held") {
      this.#nap.abort();
    } else if (hand !== undefined && ["frozen", "trouble", "broken", "unknown"].includes(screen)) {
      const { reader } = hand;
      await (reader && screen !== "frozen"
        ? this.#run({ screen: "reading", attempt: 1 }, () => this.#take(hand, reader))
        : this.#run({ screen: "looking", attempt: 1 }, () => this.#look(hand)));
    }
  }

  /** Somebody has the secret, on screen or saved: the server may delete the view. */
  async seen(): Promise<void> {
    const state = this.#state;
    if (state.screen !== "shown" || state.ack !== "due" || this.#hand === undefined) {
      return;
    }
    this.#set({ ...state, ack: "sent" });
    const ack = (await this.#acknowledge(this.#hand)) ? "done" : "failed";
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
    if (!["paste", "damaged", "elsewhere", "old", "gone", "dropped"].includes(state.screen)) {
      this.#state = { screen: "dropped", had: state.screen === "shown" };
      this.#listener(this.#state);
    }
  }

  /** Shows that it works, asks, and while a hold stands asks on. */
  async #run(busy: OpenState, ask: () => Promise<OpenState>): Promise<void> {
    this.#set(busy);
    for (let nap = firstNap; !this.#end.signal.aborted; nap = Math.min(nap * 1.5, longestNap)) {
      const next = await ask().catch((error: unknown) => endOf(error, this.#hand?.reader !== undefined));
      if (this.#state.screen !== "held" || next.screen !== "trouble") {
        this.#set(next);
      }
      if (this.#state.screen !== "held") {
        return;
      }
      ask = this.#nextAsk() ?? ask;
      this.#nap = new AbortController();
      await this.parts.wait(nap, this.#nap.signal).catch(() => undefined);
    }
  }

  /** What to ask while a hold stands: for the view if there was an act, which a duplicate may still take. */
  #nextAsk(): (() => Promise<OpenState>) | undefined {
    const hand = this.#hand;
    const reader = hand?.reader;
    return hand && (() => (reader ? this.#take(hand, reader) : this.#look(hand)));
  }

  async #begin(text: string): Promise<OpenState> {
    const link = await findLink(text);
    if (link.origin !== this.parts.origin) {
      return { screen: "elsewhere", origin: link.origin };
    }
    this.#hand = { link, keys: await this.parts.derive(link, "") };
    return this.#look(this.#hand);
  }

  /** Asks what is there. It costs no view. */
  async #look(hand: Hand, lapsed = false): Promise<OpenState> {
    const api = await this.parts.api();
    const status = await api.status(hand.keys.id, hand.keys.access, this.#options("looking"));
    hand.status = status;
    switch (status.state) {
      case "held":
        return { screen: "held", asking: false };
      case "frozen":
        return { screen: "frozen" };
      case "live":
        return { screen: "ready", status, lapsed };
    }
  }

  async #act(hand: Hand, passphrase: string): Promise<OpenState> {
    this.#endAct(hand);
    const reader = await this.parts.derive(hand.link, passphrase);
    hand.reader = reader;
    if (this.#end.signal.aborted) {
      this.#endAct(hand);
    }
    this.#set({ screen: "reading", attempt: 1 });
    return this.#take(hand, reader);
  }

  /** Takes the view of the act, or gets it once more. */
  async #take(hand: Hand, reader: Keys): Promise<OpenState> {
    try {
      return await this.#fetch(hand, reader);
    } catch (error) {
      if (!(error instanceof ApiError)) {
        throw error;
      }
      return this.#refused(hand, error);
    }
  }

  async #fetch(hand: Hand, reader: Keys): Promise<OpenState> {
    const key = (hand.key ??= this.parts.newKey());
    const api = await this.parts.api();
    const reading = await api.read(reader.id, reader.access, reader.claim, key, this.#options("reading", hand));
    const { meta, data, header } = await this.parts.open(reader, reading.envelope);
    return { screen: "shown", secret: { meta, data, expires: header.expires, left: reading.views_left }, ack: "due" };
  }

  async #refused(hand: Hand, error: ApiError): Promise<OpenState> {
    const { problem, details } = error;
    hand.lost ||= ["unreachable", "offline", "timeout", "unavailable", "bad-answer"].includes(problem);
    if (problem === "wrong-passphrase" && details.tries_left !== 0 && hand.status !== undefined) {
      return this.#wrong(hand, hand.status, details.tries_left);
    }
    if (problem === "gone" && (details.reason === undefined || (details.reason === "read" && hand.lost))) {
      this.#endAct(hand);
      delete hand.key;
      return this.#look(hand, true).catch((later: unknown) => endOf(later, true));
    }
    throw error;
  }

  #wrong(hand: Hand, status: Status, tries?: number): OpenState {
    this.#endAct(hand);
    return {
      screen: "ready",
      status: { ...status, passphrase: true },
      refused: tries === undefined ? {} : { tries },
    };
  }

  #options(screen: "looking" | "reading", hand?: Hand) {
    const onRetry = (attempt: number): void => {
      if (hand) {
        hand.lost = true;
      }
      if (this.#state.screen === screen) {
        this.#set({ screen, attempt });
      }
    };
    return { signal: this.#end.signal, onRetry };
  }

  async #acknowledge({ keys, key }: Hand): Promise<boolean> {
    try {
      const api = await this.parts.api();
      await api.ack(keys.id, keys.access, key ?? this.parts.newKey());
      return true;
    } catch (error) {
      return error instanceof ApiError && error.problem === "gone"; // over already, which is all that was asked
    }
  }

  #endAct(hand: Hand): void {
    if (hand.reader) {
      wipeKeys(hand.reader);
      delete hand.reader;
    }
  }

  #letGo(): void {
    const hand = this.#hand;
    if (hand) {
      this.#endAct(hand);
      wipeKeys(hand.keys);
      wipe(hand.link.key);
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
