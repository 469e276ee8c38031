import { discover } from "./discover.js";
import { type Api, createApi } from "./index.js";

let found: Promise<Api> | undefined;

/** Returns the client of this page's API. It is looked for once, and again if that failed. */
export function browserApi(): Promise<Api> {
  found ??= discover()
    .then((base) => createApi(base))
    .catch((error: unknown) => {
      found = undefined;
      throw error;
    });
  return found;
}
