/**
 * Handlers for leaving the page. They are not created in components, because such a closure would
 * keep the variables of the component in memory, for example a link or a secret.
 */

/** Drops the holder when the page is left, even if the browser caches it. Returns a function that drops it now. */
export function dropOnLeave(holder: { drop(): void }): () => void {
  const drop = (): void => holder.drop();
  addEventListener("pagehide", drop);
  return () => {
    removeEventListener("pagehide", drop);
    drop();
  };
}

/** Lets the browser ask before the page is left. Returns a function that ends this. */
export function askBeforeLeaving(): () => void {
  const ask = (event: Event): void => event.preventDefault();
  addEventListener("beforeunload", ask);
  return () => removeEventListener("beforeunload", ask);
}
