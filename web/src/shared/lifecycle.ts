/**
 * What happens when the page is left. The closures are made here, and not in the components,
 * since a closure keeps all that is known where it is made, a link or a secret among it.
 */

/** Forgets what there is when the page is left, also when a browser keeps it to come back to; returns what does so at once. */
export function dropOnLeave(holder: { drop(): void }): () => void {
  const drop = (): void => holder.drop();
  addEventListener("pagehide", drop);
  return () => {
    removeEventListener("pagehide", drop);
    drop();
  };
}

/** Lets the browser ask whether to leave; returns what ends that. */
export function askBeforeLeaving(): () => void {
  const ask = (event: Event): void => event.preventDefault();
  addEventListener("beforeunload", ask);
  return () => removeEventListener("beforeunload", ask);
}
