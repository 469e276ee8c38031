import type { Bytes } from "../../format/bytes.js";

const kept = new Set<string>();

/** Hands bytes to the browser's downloads. Their type is never one that a browser would open as a page. */
export function save(data: Bytes, name: string): void {
  const url = keepUrl(new Blob([data], { type: "application/octet-stream" }));
  const anchor = document.createElement("a");
  anchor.href = url;
  anchor.download = name;
  document.body.append(anchor);
  anchor.click();
  anchor.remove();
  setTimeout(() => revoke(url), 60_000);
}

/** Makes a URL of a blob that is over at the latest when the page is left. */
export function keepUrl(blob: Blob): string {
  const url = URL.createObjectURL(blob);
  kept.add(url);
  addEventListener("pagehide", revokeAll, { once: true });
  return url;
}

export function revoke(url: string): void {
  URL.revokeObjectURL(url);
  kept.delete(url);
}

function revokeAll(): void {
  kept.forEach(revoke);
}
