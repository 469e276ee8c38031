import { visible } from "./browser-parts.js";

/** Calls back once what was rendered has been painted where somebody looks; returns what calls it off. */
export function afterPaint(act: () => void): () => void {
  const off = new AbortController();
  void visible(off.signal).then(() => {
    requestAnimationFrame(() => requestAnimationFrame(() => off.signal.aborted || act()));
  });
  return () => off.abort();
}
