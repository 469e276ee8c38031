import { decodeBase64url } from "./base64url.js";
import { ApiError } from "./problem.js";
import { flagIn, listIn, memberOf, numberIn, oneOf, textIn, timeIn } from "./shape.js";
export const states = ["live", "frozen", "held", "read", "revoked", "expired"];
export const eventNames = [
    "created",
    "read",
    "acked",
    "lapsed",
    "refused",
    "frozen",
    "unlocked",
    "held",
    "released",
    "revoked",
    "expired",
];
export function parseConfig(body) {
    return {
        origin: must(textIn(body, "origin")),
        min_ttl: must(numberIn(body, "min_ttl")),
        default_ttl: must(numberIn(body, "default_ttl")),
        max_ttl: must(numberIn(body, "max_ttl")),
        max_views: must(numberIn(body, "max_views")),
        max_envelope: must(numberIn(body, "max_envelope")),
        require_passphrase: must(flagIn(body, "require_passphrase")),
        create: must(oneOf(body, "create", ["anyone", "key", "entra"])),
        now: must(timeIn(body, "now")),
        version: must(textIn(body, "version")),
    };
}
export function parseCreated(body) {
    return { id: must(textIn(body, "id")), expires_at: must(timeIn(body, "expires_at")) };
}
export function parseStatus(body) {
    return {
        id: must(textIn(body, "id")),
        state: must(oneOf(body, "state", ["live", "frozen", "held"])),
        views_left: must(numberIn(body, "views_left")),
        expires_at: must(timeIn(body, "expires_at")),
        passphrase: must(flagIn(body, "passphrase")),
    };
}
export function parseReading(body) {
    return {
        envelope: must(decodeBase64url(must(textIn(body, "envelope")))),
        views_left: must(numberIn(body, "views_left")),
        lease_ends_at: must(timeIn(body, "lease_ends_at")),
    };
}
export function parseReceipt(body) {
    return {
        id: must(textIn(body, "id")),
        state: must(oneOf(body, "state", states)),
        created_at: must(timeIn(body, "created_at")),
        expires_at: must(timeIn(body, "expires_at")),
        views_left: must(numberIn(body, "views_left")),
        events: must(listIn(body, "events")).map(parseEvent),
    };
}
function parseEvent(event) {
    return {
        event: must(oneOf(event, "event", eventNames)),
        at: must(timeIn(event, "at")),
        held: memberOf(event, "held") === true,
    };
}
function must(value) {
    if (value === undefined) {
        throw new ApiError("bad-answer", 200);
    }
    return value;
}
