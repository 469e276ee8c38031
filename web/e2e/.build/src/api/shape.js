/** Reads members of JSON that a server wrote: what is missing or of another type is undefined. */
const timeForm = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$/;
export function memberOf(value, name) {
    const holds = typeof value === "object" && value !== null && Object.hasOwn(value, name);
    return holds ? Reflect.get(value, name) : undefined;
}
export function textIn(value, name) {
    const member = memberOf(value, name);
    return typeof member === "string" ? member : undefined;
}
/** Whole numbers from 0 on only: the API has no others. */
export function numberIn(value, name) {
    const member = memberOf(value, name);
    return typeof member === "number" && Number.isSafeInteger(member) && member >= 0 ? member : undefined;
}
export function flagIn(value, name) {
    const member = memberOf(value, name);
    return typeof member === "boolean" ? member : undefined;
}
/** Returns a time of RFC 3339 in whole seconds since 1970 UTC. */
export function timeIn(value, name) {
    const text = textIn(value, name) ?? "";
    const time = timeForm.test(text) ? Math.floor(Date.parse(text) / 1000) : NaN;
    return Number.isFinite(time) ? time : undefined;
}
export function listIn(value, name) {
    const member = memberOf(value, name);
    return Array.isArray(member) ? member : undefined;
}
/** Returns the one of the names that the member is. */
export function oneOf(value, name, names) {
    const member = memberOf(value, name);
    return names.find((candidate) => candidate === member);
}
