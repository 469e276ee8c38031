import { browser } from "./browser.js";
import { send, type Transport } from "./call.js";
import { type Api, createApi } from "./index.js";
import { textIn } from "./json.js";
import { ApiError } from "./problem.js";

let api: Promise<Api> | undefined;

/** Returns the client of the API of this page. Discovers it once, and again after a failure. */
export function browserApi(): Promise<Api> {
  api ??= discover()
    .then((origin) => createApi(origin))
    .catch((error: unknown) => {
      api = undefined;
      throw error;
    });
  return api;
}

/**
 * Returns the origin of the API for a page: "api" in its /config.json, or the origin of the page
 * when that file does not exist or is not valid. Rejects with ApiError when no answer comes,
 * because the wrong server would answer 404.
 */
export async function discover(page: string = location.origin, transport: Transport = browser): Promise<string> {
  const call = { method: "GET", url: `${page}/config.json`, headers: {}, patience: 5, parse: parseOrigin } as const;
  try {
    return (await send(call, transport)) || page;
  } catch (error) {
    if (error instanceof ApiError && error.status >= 200 && error.status < 500 && error.status !== 429) {
      return page;
    }
    throw error;
  }
}

/** Returns the origin in the JSON, "" when there is no valid one. */
function parseOrigin(body: unknown): string {
  const origin = textIn(body, "api") ?? "";
  return /^https?:\/\/[A-Za-z0-9._:[\]-]+$/.test(origin) ? origin : "";
}
