// The headers of headers.json, for a page whose API may have another origin.
import { readFile } from "node:fs/promises";

const { all, https, paths } = JSON.parse(await readFile(new URL("../headers.json", import.meta.url), "utf8"));

/** Returns the headers of every answer of a page on https. Api is an origin, "" for that of the page. */
export const headersOfAll = (api) => ({ ...all, ...https, ...withApi(all, api) });

/** Returns the headers that replace others on some paths, by pattern. */
export const headersByPath = () => paths;

/** Returns the headers of a path on https. */
export function headersOf(path, api) {
  const pattern = Object.keys(paths).find((each) => path === each || (each.endsWith("*") && path.startsWith(each.slice(0, -1))));
  return { ...headersOfAll(api), ...(pattern && paths[pattern]) };
}

function withApi(headers, api) {
  const name = "Content-Security-Policy";
  return { [name]: headers[name].replace("connect-src 'self'", api ? `connect-src 'self' ${api}` : "$&") };
}
