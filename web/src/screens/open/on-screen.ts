/** Whether the reader can see what is rendered, and for how long. */
import { useEffect, useState } from "preact/hooks";

/** Resolves once the page is visible, or when the signal aborts. */
export function visible(signal: AbortSignal): Promise<void> {
  if (document.visibilityState === "visible") {
    return Promise.resolve();
  }
  return new Promise((resolve) => {
    document.addEventListener("visibilitychange", () => resolve(), { once: true, signal });
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

/** Calls back once the rendered elements are painted on a visible page. Returns a function that cancels the call. */
export function afterPaint(painted: () => void): () => void {
  const cancel = new AbortController();
  void visible(cancel.signal).then(() => {
    requestAnimationFrame(() => requestAnimationFrame(() => cancel.signal.aborted || painted()));
  });
  return () => cancel.abort();
}

/** Hides something after the given milliseconds, also each time after it was shown again. */
export function useHiding(milliseconds: number): { hidden: boolean; hide: () => void; show: () => void } {
  const [hidden, setHidden] = useState(false);
  useEffect(() => {
    if (hidden) {
      return undefined;
    }
    const timer = setTimeout(() => setHidden(true), milliseconds);
    return () => clearTimeout(timer);
  }, [hidden, milliseconds]);
  return { hidden, hide: () => setHidden(true), show: () => setHidden(false) };
}
