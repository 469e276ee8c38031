import { wipe } from "../bytes.js";
import { seal } from "../envelope.js";
import { deriveKeys, wipeKeys } from "../keys.js";
import { formatLink, formatManageLink, newLink, newManageLink } from "../link.js";
/** Seals an order and wipes its data. Now is the server's time in seconds. Rejects with EnvelopeError, or as stretch does. */
export async function sealOrder(order, { origin }, now, stretch) {
    const { ttl, views, passphrase } = order;
    const expires = Math.floor(now) + ttl;
    const link = newLink(origin, expires);
    const keys = await deriveKeys(link, passphrase, stretch);
    const manage = newManageLink(origin, keys.id);
    const draft = {
        envelope: await seal(keys, { views, expires }, order.meta, order.data),
        access_hash: await hash(keys.access),
        claim_hash: await hash(keys.claim),
        manage_hash: await hash(manage.manage),
    };
    const made = { link: await formatLink(link), manageLink: await formatManageLink(manage), expires, views, passphrase };
    wipeKeys(keys);
    wipe(link.key, manage.manage, order.data);
    return { draft, made };
}
async function hash(proof) {
    return new Uint8Array(await crypto.subtle.digest("SHA-256", proof));
}
