import { formatId } from "../link.js";
import { parseConfig, parseCreated, parseReading, parseReceipt, parseStatus, } from "./answers.js";
import { encodeBase64url } from "./base64url.js";
import { browser } from "./browser.js";
import { send } from "./call.js";
import { ApiError } from "./problem.js";
export { ApiError } from "./problem.js";
// Seconds for which a call is tried again: a question, a change, and a read, after whose
// first try a view may be taken. With one more try that is less than its lease of 120 s.
const quick = 5;
const steady = 40;
const patient = 80;
/** Returns the client of the API at an origin. */
export function createApi(base, around = browser) {
    const secret = (id, rest = "") => `${base}/api/secrets/${formatId(id)}${rest}`;
    async function ask(call, options) {
        const answer = await send(call, around, options);
        if (answer === undefined) {
            throw new ApiError("bad-answer");
        }
        return answer;
    }
    async function tell(call, options) {
        await send(call, around, options);
    }
    return {
        config: (options) => ask({ method: "GET", url: `${base}/api/config`, headers: {}, patience: quick, parse: parseConfig }, options),
        create: (draft, key, options) => ask({
            method: "POST",
            url: `${base}/api/secrets`,
            headers: key === null ? {} : { "Secret-Create": key },
            body: formatDraft(draft),
            patience: steady,
            parse: parseCreated,
        }, options),
        status: (id, access, options) => ask({ method: "GET", url: secret(id), headers: proofs({ access }), patience: quick, parse: parseStatus }, options),
        read: (id, access, claim, key, options) => ask({
            method: "POST",
            url: secret(id, "/read"),
            headers: proofs({ access, claim, key }),
            patience: patient,
            parse: parseReading,
        }, options),
        ack: (id, access, key, options) => tell({ method: "POST", url: secret(id, "/ack"), headers: proofs({ access, key }), patience: quick, keepalive: true }, options),
        revoke: (id, manage, options) => tell({ method: "DELETE", url: secret(id), headers: proofs({ manage }), patience: steady }, options),
        receipt: (id, manage, options) => ask({
            method: "GET",
            url: secret(id, "/receipt"),
            headers: proofs({ manage }),
            patience: quick,
            parse: parseReceipt,
        }, options),
        unlock: (id, manage, key, options) => tell({ method: "POST", url: secret(id, "/unlock"), headers: proofs({ manage, key }), patience: steady }, options),
    };
}
function proofs({ access, claim, manage, key }) {
    return {
        ...(access && { "Secret-Access": encodeBase64url(access) }),
        ...(claim && { "Secret-Claim": encodeBase64url(claim) }),
        ...(manage && { "Secret-Manage": encodeBase64url(manage) }),
        ...(key && { "Idempotency-Key": encodeBase64url(key) }),
    };
}
function formatDraft(draft) {
    return JSON.stringify({
        envelope: encodeBase64url(draft.envelope),
        access_hash: encodeBase64url(draft.access_hash),
        claim_hash: encodeBase64url(draft.claim_hash),
        manage_hash: encodeBase64url(draft.manage_hash),
    });
}
