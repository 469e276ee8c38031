import { memberOf, numberIn, textIn, timeIn } from "./shape.js";
/** The problems that the API answers: docs/problems.md describes each. */
export const slugs = [
    "not-found",
    "gone",
    "wrong-passphrase",
    "frozen",
    "held",
    "conflict",
    "invalid",
    "unauthorized",
    "forbidden",
    "too-large",
    "unsupported-media-type",
    "method-not-allowed",
    "rate-limited",
    "unavailable",
];
/** What can go wrong before an answer: no network, no server, no answer in time, no answer of this API. */
export const failures = ["offline", "unreachable", "timeout", "bad-answer"];
/** The one error of a call. Its message holds nothing of the request. */
export class ApiError extends Error {
    problem;
    status;
    details;
    name = "ApiError";
    constructor(problem, 
    /** The HTTP status, 0 when no answer came. */
    status = 0, details = {}) {
        super(`api: ${problem}`);
        this.problem = problem;
        this.status = status;
        this.details = details;
    }
}
/** Reads the body of an application/problem+json answer; one of an unknown type is taken by its status. */
export function parseProblem(status, retryAfter, body) {
    const type = textIn(body, "type") ?? "";
    const slug = slugs.find((known) => type.endsWith(`/problems/${known}`));
    return new ApiError(slug ?? byStatus(status), status, {
        ...reasonIn(body),
        ...present("at", timeIn(body, "at")),
        ...present("until", timeIn(body, "until")),
        ...present("tries_left", numberIn(body, "tries_left")),
        ...present("field", textIn(body, "field")),
        ...present("detail", textIn(body, "detail")),
        ...present("retry_after", seconds(retryAfter)),
    });
}
/** Takes the answer of a gateway, or of something else that is no secret sharer, by its status. */
export function foreignAnswer(status, retryAfter) {
    return new ApiError(byStatus(status), status, present("retry_after", seconds(retryAfter)));
}
/** Says whether the same call may do better a little later. */
export function passes(error) {
    return ["unreachable", "timeout", "rate-limited", "unavailable"].includes(error.problem);
}
function byStatus(status) {
    if (status === 429) {
        return "rate-limited";
    }
    return [408, 500, 502, 503, 504].includes(status) ? "unavailable" : "bad-answer";
}
/** Reads a Retry-After in seconds. One of more than a day, or a date, is none that one waits for. */
function seconds(text) {
    const value = text !== null && /^[0-9]{1,5}$/.test(text) ? Number(text) : Infinity;
    return value <= 86400 ? value : undefined;
}
function reasonIn(body) {
    const reason = memberOf(body, "reason");
    return reason === "read" || reason === "revoked" || reason === "expired" ? { reason } : {};
}
function present(name, value) {
    return value === undefined ? {} : { [name]: value };
}
