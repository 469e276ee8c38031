/**
 * What a link holds behind its #. It is imported before everything else, so that the secret
 * part of a link leaves the address bar, and with it the history, before anything can fail.
 */

/** Returns the whole address as it was found, and takes the fragment out of the address bar. */
export function takeFragment(): string {
  const { origin, pathname, hash } = location;
  const text = origin + pathname + hash;
  const path = pathname.replace(/%23.*$/, ""); // mail filters escape the #
  if (hash !== "" || path !== pathname) {
    history.replaceState(null, "", path);
  }
  return text;
}

let opened = takeFragment();

/** Returns the address that the page was opened with, and keeps it no longer. */
export function takeOpened(): string {
  const text = opened;
  opened = "";
  return text;
}
