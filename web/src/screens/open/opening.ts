/**
 * Opens a secret, as described in docs/design.md: the status first, which takes no view; then one
 * read on the reader's request, always with the same Idempotency-Key; and the acknowledgement only
 * once the reader has seen the secret.
 */
import { ApiError, type CallOptions, type Status } from "../../api/index.js";
import { type Bytes, wipe } from "../../format/bytes.js";
import type { Opened } from "../../format/envelope.js";
import { EnvelopeError } from "../../format/errors.js";
import { type Keys, wipeKeys } from "../../format/keys.js";
import type { Link } from "../../format/link.js";
import { findLink } from "../../shared/find-link.js";
import { type Environment, Session } from "../../shared/session.js";
import { endOf, type OpenState } from "./state.js";

/** What an opening needs of the browser. */
export interface OpenEnvironment extends Environment<"status" | "read" | "ack"> {
  derive(link: Link, passphrase: string): Promise<Keys>;
  open(keys: Keys, envelope: Bytes): Promise<Opened>;
  /** Resolves after the given milliseconds, once the page is visible. Rejects with the reason of the signal. */
  wait(milliseconds: number, signal: AbortSignal): Promise<void>;
}

const firstPause = 5000; // milliseconds between two calls during a hold
const longestPause = 30000;

/** The problems after which a read may have taken its view nevertheless. */
const losses: readonly string[] = ["unreachable", "offline", "timeout", "unavailable", "bad-answer"];

export class Opening extends Session<Link, OpenState> {
  #link: Link | undefined;
  #keys: Keys | undefined; // derived without a passphrase, for status and acknowledgement
  #reader: Keys | undefined; // derived with the passphrase, from the reader's request on
  #key: Bytes | undefined; // of the read, until its view is known to be over
  #status: Status | undefined;
  #lost = false; // whether an answer to a read was lost, so that the view may be taken
  #pause = new AbortController();

  constructor(private readonly environment: OpenEnvironment) {
    super(environment, findLink);
  }

  /** Opens the secret. Does nothing unless it can be read now, or while a needed passphrase is empty. */
  async read(passphrase = ""): Promise<void> {
    if (this.state.screen !== "ready" || (this.#status?.passphrase && passphrase === "")) {
      return;
    }
    await this.run(passphrase === "" ? { screen: "reading", attempt: 1 } : { screen: "stretching" }, async () => {
      this.#key ??= this.environment.newKey();
      await this.#deriveReader(passphrase);
      this.show({ screen: "reading", attempt: 1 });
      return this.#takeView();
    });
  }

  /** Tries again: the read with the same key if there was one, else the status. */
  async again(): Promise<void> {
    const { screen } = this.state;
    if (screen === "held") {
      this.#pause.abort();
    } else if (this.#link !== undefined && ["frozen", "trouble", "broken", "unknown"].includes(screen)) {
      const reads = this.#reader !== undefined && screen !== "frozen";
      await this.run({ screen: reads ? "reading" : "looking", attempt: 1 }, () => (reads ? this.#takeView() : this.#look()));
    }
  }

  /** The reader has the secret, on the screen or in a file: the server may delete the view. */
  async seen(): Promise<void> {
    const { state } = this;
    if (state.screen !== "shown" || state.ack !== "due") {
      return;
    }
    this.show({ ...state, ack: "sent" });
    const ack = (await this.#acknowledge()) ? "done" : "failed";
    this.#wipeKeys();
    if (this.state.screen === "shown") {
      this.show({ ...state, ack });
    }
  }

  protected async take(link: Link): Promise<OpenState> {
    this.#keys = await this.environment.derive(link, "");
    this.#link = link;
    return this.#look();
  }

  protected endOf(error: unknown): OpenState {
    if (error instanceof EnvelopeError && error.slug === "passphrase" && this.#status !== undefined) {
      return { screen: "ready", status: this.#status, refused: { invalid: true } }; // nothing was sent
    }
    return endOf(error, this.#reader !== undefined);
  }

  protected wipe(): void {
    this.#pause.abort();
    this.#wipeKeys();
    if (this.state.screen === "shown") {
      wipe(this.state.secret.data);
    }
  }

  /** Repeats the work during a hold. A failed call then leaves the screen of the hold. */
  protected override async run(busy: OpenState, work: () => Promise<OpenState>): Promise<void> {
    this.show(busy);
    for (let pause = firstPause; !this.signal.aborted; pause = Math.min(pause * 1.5, longestPause)) {
      const next = await work().catch((error: unknown) => this.endOf(error));
      if (this.state.screen !== "held" || next.screen !== "trouble") {
        this.show(next);
      }
      if (this.state.screen !== "held") {
        return;
      }
      work = () => (this.#reader ? this.#takeView() : this.#look());
      this.#pause = new AbortController();
      await this.environment.wait(pause, this.#pause.signal).catch(() => undefined);
    }
  }

  protected override show(state: OpenState): void {
    if (this.signal.aborted && state.screen === "shown") {
      wipe(state.secret.data); // it has arrived too late
    }
    super.show(state);
  }

  /** Gets the status, which takes no view. */
  async #look(lapsed = false): Promise<OpenState> {
    const { id, access } = required(this.#keys);
    const api = await this.environment.api();
    const status = await api.status(id, access, this.#options("looking"));
    this.#status = status;
    switch (status.state) {
      case "held":
        return { screen: "held", asking: false };
      case "frozen":
        return { screen: "frozen", reason: status.reason, final: false };
      case "live":
        return { screen: "ready", status, lapsed };
    }
  }

  /** Takes the view of the key, or gets it once more. */
  async #takeView(): Promise<OpenState> {
    try {
      return await this.#fetch();
    } catch (error) {
      return this.#refused(error);
    }
  }

  async #fetch(): Promise<OpenState> {
    const reader = required(this.#reader);
    const key = (this.#key ??= this.environment.newKey());
    const api = await this.environment.api();
    const reading = await api.read(reader.id, reader.access, reader.claim, key, this.#options("reading"));
    const { meta, data, header } = await this.environment.open(reader, reading.envelope);
    return { screen: "shown", secret: { meta, data, expires: header.expires, left: reading.views_left }, ack: "due" };
  }

  async #refused(error: unknown): Promise<OpenState> {
    if (!(error instanceof ApiError)) {
      throw error;
    }
    const { tries_left: tries, reason } = error.details;
    this.#lost ||= losses.includes(error.problem);
    if (error.problem === "wrong-passphrase" && tries !== 0 && this.#status !== undefined) {
      this.#wipeReader();
      const status = { ...this.#status, passphrase: true };
      return { screen: "ready", status, refused: tries === undefined ? {} : { tries } };
    }
    if (error.problem === "gone" && (reason === undefined || (reason === "read" && this.#lost))) {
      this.#wipeReader();
      this.#key = undefined; // its view is over, but another read may take another
      return this.#look(true).catch((end: unknown) => endOf(end, true));
    }
    throw error;
  }

  /** Tells the server that the view has arrived. Returns whether the view is over there. */
  async #acknowledge(): Promise<boolean> {
    const { id, access } = required(this.#keys);
    try {
      const api = await this.environment.api();
      await api.ack(id, access, required(this.#key));
      return true;
    } catch (error) {
      return error instanceof ApiError && error.problem === "gone"; // it is over already
    }
  }

  async #deriveReader(passphrase: string): Promise<void> {
    this.#wipeReader();
    this.#reader = await this.environment.derive(required(this.#link), passphrase);
    if (this.signal.aborted) {
      this.#wipeReader();
    }
    this.signal.throwIfAborted();
  }

  #options(screen: "looking" | "reading"): CallOptions {
    const onRetry = (attempt: number): void => {
      this.#lost ||= screen === "reading";
      if (this.state.screen === screen) {
        this.show({ screen, attempt });
      }
    };
    return { signal: this.signal, onRetry };
  }

  /** Wipes the keys of the passphrase. The key of the read stays. */
  #wipeReader(): void {
    if (this.#reader) {
      wipeKeys(this.#reader);
      this.#reader = undefined;
    }
  }

  #wipeKeys(): void {
    this.#wipeReader();
    if (this.#link && this.#keys) {
      wipeKeys(this.#keys);
      wipe(this.#link.key);
    }
    this.#link = undefined;
    this.#keys = undefined;
  }
}

/** Returns a value that is set while the session runs. */
function required<Value>(value: Value | undefined): Value {
  if (value === undefined) {
    throw new TypeError("the session has ended");
  }
  return value;
}
