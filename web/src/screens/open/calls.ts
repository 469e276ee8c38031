import { type Api, ApiError, type CallOptions } from "../../api/index.js";
import type { Bytes } from "../../format/bytes.js";
import type { Opened } from "../../format/envelope.js";
import type { Keys } from "../../format/keys.js";
import type { Link } from "../../format/link.js";
import { findLink } from "../../shared/find-link.js";
import { endOf } from "./ends.js";
import { endAct, type Hand } from "./session.js";
import type { OpenState } from "./state.js";

/** What an opening asks of the server and of the device. */
export interface Means {
  /** The origin of the page. */
  readonly origin: string;
  api(): Promise<Pick<Api, "status" | "read" | "ack">>;
  derive(link: Link, passphrase: string): Promise<Keys>;
  open(keys: Keys, envelope: Bytes): Promise<Opened>;
  newKey(): Bytes;
}

/** Problems after which a read may have taken its view all the same. */
const losses: readonly string[] = ["unreachable", "offline", "timeout", "unavailable", "bad-answer"];

/** Asks the server. Each question returns the screen that its answer leads to, or rejects. */
export class Asking {
  constructor(
    private readonly means: Means,
    private readonly signal: AbortSignal,
    /** Told of every try but the first. */
    private readonly onAttempt: (screen: "looking" | "reading", attempt: number) => void,
  ) {}

  /** Reads the link in a text. Rejects with DamagedLink. */
  async take(text: string): Promise<Hand | { readonly elsewhere: string }> {
    const link = await findLink(text);
    const own = link.origin === this.means.origin;
    return own ? { link, keys: await this.means.derive(link, "") } : { elsewhere: link.origin };
  }

  /** Asks what is there. It costs no view. */
  async look(hand: Hand, lapsed = false): Promise<OpenState> {
    const api = await this.means.api();
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

  /** Begins the act: derives what it needs of the passphrase. */
  async act(hand: Hand, passphrase: string): Promise<Keys> {
    hand.key ??= this.means.newKey();
    endAct(hand);
    const reader = await this.means.derive(hand.link, passphrase);
    hand.reader = reader;
    if (this.signal.aborted) {
      endAct(hand);
    }
    return reader;
  }

  /** Takes the view of the act, or gets it once more. */
  async read(hand: Hand, reader: Keys): Promise<OpenState> {
    try {
      return await this.#fetch(hand, reader);
    } catch (error) {
      if (!(error instanceof ApiError)) {
        throw error;
      }
      return this.#refused(hand, error);
    }
  }

  /** Tells the server that the view arrived, and says whether it is over there. */
  async acknowledge({ keys, key }: Hand): Promise<boolean> {
    if (key === undefined) {
      return false;
    }
    try {
      const api = await this.means.api();
      await api.ack(keys.id, keys.access, key);
      return true;
    } catch (error) {
      return error instanceof ApiError && error.problem === "gone"; // over already, which is all that was asked
    }
  }

  async #fetch(hand: Hand, reader: Keys): Promise<OpenState> {
    const key = (hand.key ??= this.means.newKey());
    const api = await this.means.api();
    const reading = await api.read(reader.id, reader.access, reader.claim, key, this.#options("reading", hand));
    const { meta, data, header } = await this.means.open(reader, reading.envelope);
    return { screen: "shown", secret: { meta, data, expires: header.expires, left: reading.views_left }, ack: "due" };
  }

  async #refused(hand: Hand, error: ApiError): Promise<OpenState> {
    const { problem, details } = error;
    const { tries_left: tries, reason } = details;
    hand.lost ||= losses.includes(problem);
    if (problem === "wrong-passphrase" && tries !== 0 && hand.status !== undefined) {
      endAct(hand);
      const status = { ...hand.status, passphrase: true };
      return { screen: "ready", status, refused: tries === undefined ? {} : { tries } };
    }
    if (problem === "gone" && (reason === undefined || (reason === "read" && hand.lost))) {
      return this.#lapse(hand);
    }
    throw error;
  }

  /** The key's view is over. Where others are left, another act may take one of them. */
  async #lapse(hand: Hand): Promise<OpenState> {
    endAct(hand);
    delete hand.key;
    return this.look(hand, true).catch((error: unknown) => endOf(error, true));
  }

  #options(screen: "looking" | "reading", hand?: Hand): CallOptions {
    const onRetry = (attempt: number): void => {
      if (hand) {
        hand.lost = true;
      }
      this.onAttempt(screen, attempt);
    };
    return { signal: this.signal, onRetry };
  }
}
