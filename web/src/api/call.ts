import { ApiError, foreignAnswer, isTemporary, parseProblem } from "./problem.js";

/** A request. It must be idempotent: it may be sent several times. */
export interface Call<Answer> {
  readonly method: "GET" | "POST" | "DELETE";
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Seconds after the first try in which another may begin. */
  readonly patience: number;
  /** Whether the request continues when the page is left. */
  readonly keepalive?: boolean;
  /** Parses the JSON of the answer. Missing when the answer is 204. */
  readonly parse?: (body: unknown) => Answer;
}

export interface CallOptions {
  /** Ends the call, which then rejects with the reason of the signal. */
  readonly signal?: AbortSignal;
  /** Called before the second try (attempt 2) and each later one, with the error of the previous try. */
  readonly onRetry?: (attempt: number, error: ApiError) => void;
}

/** The network and the clock, which tests replace. */
export interface Transport {
  fetch(url: string, init: RequestInit): Promise<Response>;
  /** Resolves after the given milliseconds, or rejects with the reason of the signal. */
  wait(milliseconds: number, signal?: AbortSignal): Promise<void>;
  /** Milliseconds of a monotonic clock. */
  now(): number;
  /** Whether the device reports a network connection. */
  online(): boolean;
}

/** Seconds for one try, including the body of its answer. */
const tryTimeout = 20;

const mediaForm = /^application\/(problem\+)?json\s*(;|$)/i;

/** Sends the call until it is answered, its patience is used up or the signal aborts. Rejects with ApiError. */
export async function send<Answer>(
  call: Call<Answer>,
  transport: Transport,
  options: CallOptions = {},
): Promise<Answer | undefined> {
  const end = transport.now() + call.patience * 1000;
  for (let attempt = 1; ; attempt++) {
    try {
      return await tryOnce(call, transport, options.signal);
    } catch (error) {
      const wait = pauseAfter(error, attempt);
      if (!(error instanceof ApiError) || wait === undefined || transport.now() + wait > end) {
        throw error;
      }
      await transport.wait(wait, options.signal);
      options.onRetry?.(attempt + 1, error);
    }
  }
}

/** Returns the milliseconds to wait before the next try, undefined when there is none. */
function pauseAfter(error: unknown, attempt: number): number | undefined {
  if (!(error instanceof ApiError) || !isTemporary(error)) {
    return undefined;
  }
  const backoff = Math.min(250 * 2 ** Math.min(attempt - 1, 8), 5000) * (1 + Math.random() / 4);
  return Math.max(backoff, (error.details.retry_after ?? 0) * 1000);
}

async function tryOnce<Answer>(
  call: Call<Answer>,
  transport: Transport,
  signal?: AbortSignal,
): Promise<Answer | undefined> {
  signal?.throwIfAborted();
  const abort = new AbortController();
  const late = setTimeout(() => abort.abort(new ApiError("timeout")), tryTimeout * 1000);
  const stop = (): void => abort.abort(signal?.reason);
  signal?.addEventListener("abort", stop);
  try {
    const response = await transport.fetch(call.url, request(call, abort.signal));
    return await answerOf(response, call);
  } catch (error) {
    throw failureOf(error, abort.signal, transport);
  } finally {
    clearTimeout(late);
    signal?.removeEventListener("abort", stop);
  }
}

function request(call: Call<unknown>, signal: AbortSignal): RequestInit {
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

/** Returns why a fetch was rejected. Browsers word their own messages differently, so they are not used. */
function failureOf(error: unknown, signal: AbortSignal, transport: Transport): unknown {
  if (signal.aborted) {
    return signal.reason;
  }
  if (error instanceof ApiError) {
    return error;
  }
  return new ApiError(transport.online() ? "unreachable" : "offline");
}

/** Parses an answer. A page of a captive portal, for example, is no answer of the API. */
async function answerOf<Answer>(response: Response, call: Call<Answer>): Promise<Answer | undefined> {
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

async function json(response: Response): Promise<unknown> {
  const text = await response.text();
  try {
    return JSON.parse(text);
  } catch {
    throw new ApiError("bad-answer", response.status);
  }
}
