/** What can be wrong with a link, a header or an envelope, by the names of docs/envelope.md. */
export type Fault =
  | "link-form"
  | "link-version"
  | "link-alphabet"
  | "link-length"
  | "link-checksum"
  | "link-spare"
  | "header-magic"
  | "header-version"
  | "header-flags"
  | "header-profile"
  | "header-views"
  | "header-reserved"
  | "header-expiry"
  | "header-id"
  | "truncated"
  | "commitment"
  | "chunk"
  | "content"
  | "padding"
  | "envelope-size";

/** What a caller can do wrong when it seals. The format has no names for these. */
export type Misuse = "passphrase" | "meta";

/**
 * The one error of these modules. Its slug is made for programs, and its message holds
 * nothing of the input, so that both may be shown and logged.
 */
export class EnvelopeError extends Error {
  override readonly name = "EnvelopeError";

  constructor(readonly slug: Fault | Misuse) {
    super(`envelope: ${slug}`);
  }
}

/** Throws the fault unless the condition holds. */
export function check(holds: boolean, slug: Fault | Misuse): asserts holds {
  if (!holds) {
    throw new EnvelopeError(slug);
  }
}
