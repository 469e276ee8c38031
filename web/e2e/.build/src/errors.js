/**
 * The one error of these modules. Its slug is made for programs, and its message holds
 * nothing of the input, so that both may be shown and logged.
 */
export class EnvelopeError extends Error {
    slug;
    name = "EnvelopeError";
    constructor(slug) {
        super(`envelope: ${slug}`);
        this.slug = slug;
    }
}
/** Throws the fault unless the condition holds. */
export function check(holds, slug) {
    if (!holds) {
        throw new EnvelopeError(slug);
    }
}
