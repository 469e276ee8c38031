import type { Status } from "../../api/index.js";
import { type Bytes, wipe } from "../../format/bytes.js";
import { type Keys, wipeKeys } from "../../format/keys.js";
import type { Link } from "../../format/link.js";

/** What is kept of a link while it is worked on. */
export interface Hand {
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

/** Forgets the passphrase's keys. The key of the act stays. */
export function endAct(hand: Hand): void {
  if (hand.reader) {
    wipeKeys(hand.reader);
    delete hand.reader;
  }
}

/** Forgets all keys. */
export function letGo(hand: Hand): void {
  endAct(hand);
  wipeKeys(hand.keys);
  wipe(hand.link.key);
}
