import { ApiError, foreignAnswer, parseProblem, passes } from "./problem.js";

/** A request that may be sent several times: it does what it does once. */
export interface Call<Answer> {
  readonly method: "GET" | "POST" | "DELETE";
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** For so many seconds after the first try another may begin. */
  readonly patience: number;
  /** Lets the request outlive the page. */
  readonly keepalive?: boolean;
  /** Reads the JSON of the answer; missing where 204 is the answer. */
  readonly parse?: (body: unknown) => Answer;
}

export interface CallOptions {
  /** Ends the call: it then rejects with the signal's reason. */
  readonly signal?: AbortSignal;
  /** Told before the second try (attempt 2) and each after it, and what became of the one before. */
  readonly onRetry?: (attempt: number, error: ApiError) => void;
}

/** What a call needs of its surroundings, so that tests can stand in for them. */
export interface Surroundings {
  fetch(url: string, init: RequestInit): Promise<Response>;
  /** Resolves after so many milliseconds, rejects with the signal's reason. */
  wait(milliseconds: number, signal?: AbortSignal): Promise<void>;
  /** Milliseconds of a clock that only runs forward. */
  now(): number;
  /** Whether the device says that it has a network. */
  online(): boolean;
}

/** Seconds for one try, its body included: well below the 60 that a read leaves. */
export const tryTimeout = 20;

const mediaForm = /^application\/(problem\+)?json\s*(;|$)/i;

/** Sends the call until it is answered, the patience is over or the signal says so. Rejects with ApiError. */
export async function send<Answer>(
  call: Call<Answer>,
  around: Surroundings,
  options: CallOptions = {},
): Promise<Answer | undefined> {
  const end = around.now() + call.patience * 1000;
  for (let attempt = 1; ; attempt++) {
    try {
      return await tryOnce(call, around, options.signal);
    } catch (error) {
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
function pauseAfter(error: unknown, attempt: number): number | undefined {
  if (!(error instanceof ApiError) || !passes(error)) {
    return undefined;
  }
  const backoff = Math.min(250 * 2 ** Math.min(attempt - 1, 8), 5000) * (1 + Math.random() / 4);
  return Math.max(backoff, (error.details.retry_after ?? 0) * 1000);
}

async function tryOnce<Answer>(
  call: Call<Answer>,
  around: Surroundings,
  signal?: AbortSignal,
): Promise<Answer | undefined> {
  signal?.throwIfAborted();
  const abort = new AbortController();
  const late = setTimeout(() => abort.abort(new ApiError("timeout")), tryTimeout * 1000);
  const stop = (): void => abort.abort(signal?.reason);
  signal?.addEventListener("abort", stop);
  try {
    const response = await around.fetch(call.url, request(call, abort.signal));
    return await answerOf(response, call);
  } catch (error) {
    throw failureOf(error, abort.signal, around);
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

/** Tells the reasons for which a fetch rejects. The platform's own messages are for no one. */
function failureOf(error: unknown, signal: AbortSignal, around: Surroundings): unknown {
  if (signal.aborted) {
    return signal.reason;
  }
  if (error instanceof ApiError) {
    return error;
  }
  return new ApiError(around.online() ? "unreachable" : "offline");
}

/** Takes an answer only from what speaks the API: a portal's page says nothing about a secret. */
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
