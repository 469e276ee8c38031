import { browser } from "./browser.js";
import { send, type Surroundings } from "./call.js";
import { ApiError } from "./problem.js";
import { textIn } from "./json.js";

/**
 * Returns the origin of the API that serves the page at an origin: the api of its
 * /config.json, or the page's own where there is none, or none that can be read.
 * Rejects with ApiError when no answer comes, since the wrong server would say 404.
 */
export async function discover(page: string = location.origin, around: Surroundings = browser): Promise<string> {
  const call = { method: "GET", url: `${page}/config.json`, headers: {}, patience: 5, parse: parsePlace } as const;
  try {
    return (await send(call, around)) || page;
  } catch (error) {
    if (error instanceof ApiError && error.status >= 200 && error.status < 500 && error.status !== 429) {
      return page;
    }
    throw error;
  }
}

/** Returns the api that the JSON names, "" when that is no origin. */
function parsePlace(body: unknown): string {
  const api = textIn(body, "api") ?? "";
  return /^https?:\/\/[A-Za-z0-9._:[\]-]+$/.test(api) ? api : "";
}
