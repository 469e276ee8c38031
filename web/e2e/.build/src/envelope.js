/**
 * Seals and opens envelopes, as docs/envelope.md has them, in memory. It is the whole of the
 * format for a page: the server is never given what is in a secret, nor the means to find out.
 */
import { concat, equal, random, wipe } from "./bytes.js";
import { decrypt, encrypt, saltSize } from "./chunked.js";
import { packContent, unpackContent } from "./content.js";
import { check } from "./errors.js";
import { formatHeader, headerSize, parseHeader } from "./header.js";
/**
 * Returns the envelope of data. The salt, 24 bytes, is random but in tests of the format.
 * Throws header-…, meta.
 */
export async function seal(keys, terms, meta, data, salt = random(saltSize)) {
    const { views, expires } = terms;
    const header = formatHeader({ passphrase: keys.passphrase, views, expires, id: keys.id });
    const plain = packContent(meta, data);
    try {
        return concat(header, await encrypt(keys.enc, header, salt, plain));
    }
    finally {
        wipe(plain);
    }
}
/**
 * Opens an envelope. Throws, and returns nothing of it, header-… (header-id: it is another
 * link's), commitment (the passphrase is wrong or the header was changed), truncated, chunk,
 * content, padding.
 */
export async function open(keys, envelope) {
    const header = parseHeader(envelope);
    check(equal(header.id, keys.id), "header-id");
    const context = envelope.subarray(0, headerSize);
    const plain = await decrypt(keys.enc, context, envelope.subarray(headerSize));
    try {
        return { header, ...unpackContent(plain) };
    }
    finally {
        wipe(plain);
    }
}
