/** The faults of a link, a header or an envelope, named as in docs/envelope.md. */
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

/** Invalid arguments. The format has no names for these. */
export type Misuse = "passphrase" | "meta";

/**
 * The error of all modules of the format. Slug and message contain nothing of the input, so both
 * may be shown and logged.
 */
export class EnvelopeError extends Error {
  override readonly name = "EnvelopeError";

  constructor(readonly slug: Fault | Misuse) {
    super(`envelope: ${slug}`);
  }
}

/** Throws an EnvelopeError unless the condition holds. */
export function check(holds: boolean, slug: Fault | Misuse): asserts holds {
  if (!holds) {
    throw new EnvelopeError(slug);
  }
}
