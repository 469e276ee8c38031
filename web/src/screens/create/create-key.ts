/** The operator's key to create secrets, which the device keeps only when told to. */
const name = "create-key";

export function storedKey(): string {
  try {
    return localStorage.getItem(name) ?? "";
  } catch {
    return "";
  }
}

/** Keeps a key, or forgets the one that is kept when it is empty. */
export function storeKey(key: string): void {
  try {
    if (key === "") {
      localStorage.removeItem(name);
    } else {
      localStorage.setItem(name, key);
    }
  } catch {
    // Then it is asked for again next time.
  }
}
