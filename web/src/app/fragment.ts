/**
 * The fragment of the address. This module is imported first: it removes the secret part of a link
 * from the address bar before any other code can fail. The history of the browser keeps the address
 * with which the page was opened, and no page can change that.
 */

/** Returns the whole address, and removes its fragment from the address bar. */
export function takeFragment(): string {
  const { origin, pathname, hash } = location;
  const text = origin + pathname + hash;
  const path = pathname.replace(/%23.*$/, ""); // mail filters escape the #
  if (hash !== "" || path !== pathname) {
    history.replaceState(null, "", path);
  }
  return text;
}

let first = takeFragment();

/** Returns the address with which the page was opened, once. */
export function takeFirst(): string {
  const text = first;
  first = "";
  return text;
}
