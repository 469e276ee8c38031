import { ApiError, foreignAnswer, parseProblem, passes } from "./problem.js";
/** Seconds for one try, its body included: well below the 60 that a read leaves. */
export const tryTimeout = 20;
const mediaForm = /^application\/(problem\+)?json\s*(;|$)/i;
/** Sends the call until it is answered, the patience is over or the signal says so. Rejects with ApiError. */
export async function send(call, around, options = {}) {
    const end = around.now() + call.patience * 1000;
    for (let attempt = 1;; attempt++) {
        try {
            return await tryOnce(call, around, options.signal);
        }
        catch (error) {
            const wait = pauseAfter(error, attempt);
            if (!(error instanceof ApiError) || wait === undefined || around.now() + wait > end) {
                throw error;
            }
            await around.wait(wait, options.signal);
            options.onRetry?.(attempt + 1, error);
        }
    }
}
/** Returns the milliseconds after which another try may follow, undefined when none may. */
function pauseAfter(error, attempt) {
    if (!(error instanceof ApiError) || !passes(error)) {
        return undefined;
    }
    const backoff = Math.min(250 * 2 ** Math.min(attempt - 1, 8), 5000) * (1 + Math.random() / 4);
    return Math.max(backoff, (error.details.retry_after ?? 0) * 1000);
}
async function tryOnce(call, around, signal) {
    signal?.throwIfAborted();
    const abort = new AbortController();
    const late = setTimeout(() => abort.abort(new ApiError("timeout")), tryTimeout * 1000);
    const stop = () => abort.abort(signal?.reason);
    signal?.addEventListener("abort", stop);
    try {
        const response = await around.fetch(call.url, request(call, abort.signal));
        return await answerOf(response, call);
    }
    catch (error) {
        throw failureOf(error, abort.signal, around);
    }
    finally {
        clearTimeout(late);
        signal?.removeEventListener("abort", stop);
    }
}
function request(call, signal) {
    const { method, headers, body, keepalive = false } = call;
    const type = body === undefined ? {} : { "Content-Type": "application/json" };
    return {
        method,
        headers: { Accept: "application/json, application/problem+json", ...type, ...headers },
        ...(body === undefined ? {} : { body }),
        signal,
        keepalive,
        cache: "no-store",
        credentials: "same-origin",
        redirect: "manual",
        referrerPolicy: "no-referrer",
    };
}
/** Tells the reasons for which a fetch rejects. The platform's own messages are for no one. */
function failureOf(error, signal, around) {
    if (signal.aborted) {
        return signal.reason;
    }
    if (error instanceof ApiError) {
        return error;
    }
    return new ApiError(around.online() ? "unreachable" : "offline");
}
/** Takes an answer only from what speaks the API: a portal's page says nothing about a secret. */
async function answerOf(response, call) {
    const { status, headers } = response;
    const after = headers.get("Retry-After");
    const media = mediaForm.exec(headers.get("Content-Type") ?? "");
    if (status >= 400) {
        throw media?.[1] ? parseProblem(status, after, await json(response)) : foreignAnswer(status, after);
    }
    if (call.parse === undefined && status === 204) {
        return undefined;
    }
    if (call.parse === undefined || status < 200 || status >= 300 || !media || media[1]) {
        throw new ApiError("bad-answer", status);
    }
    return call.parse(await json(response));
}
async function json(response) {
    const text = await response.text();
    try {
        return JSON.parse(text);
    }
    catch {
        throw new ApiError("bad-answer", response.status);
    }
}
