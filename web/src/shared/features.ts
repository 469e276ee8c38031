const needed: readonly (readonly [string, () => boolean])[] = [
  ["HTTPS", () => globalThis.isSecureContext],
  ["Web Crypto", () => typeof globalThis.crypto?.subtle?.decrypt === "function"],
  ["BigInt", () => typeof BigInt === "function" && "getBigUint64" in DataView.prototype],
  ["Fetch", () => typeof fetch === "function" && "throwIfAborted" in AbortSignal.prototype],
  ["Blob URLs", () => typeof URL.createObjectURL === "function"],
];

/** Returns the name of the first required feature that the browser does not have. */
export function missingFeature(): string | undefined {
  return needed.find(([, has]) => !has())?.[0];
}
