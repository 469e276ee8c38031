import type { Bytes } from "../../format/bytes.js";

const urls = new Set<string>();

/** Saves bytes as a download, with a type that browsers never open as a page. */
export function save(data: Bytes, name: string): void {
  const url = createUrl(new Blob([data], { type: "application/octet-stream" }));
  const anchor = document.createElement("a");
  anchor.href = url;
  anchor.download = name;
  document.body.append(anchor);
  anchor.click();
  anchor.remove();
  setTimeout(() => revoke(url), 60_000);
}

/** Creates a URL for a blob, which is revoked at the latest when the page is left. */
export function createUrl(blob: Blob): string {
  const url = URL.createObjectURL(blob);
  urls.add(url);
  addEventListener("pagehide", revokeAll, { once: true });
  return url;
}

export function revoke(url: string): void {
  URL.revokeObjectURL(url);
  urls.delete(url);
}

function revokeAll(): void {
  urls.forEach(revoke);
}
