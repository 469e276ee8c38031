/** Items of localStorage that are texts. A browser may refuse both reading and writing. */

/** Returns the item, or "" when there is none or the browser refuses. */
export function loadItem(name: string): string {
  try {
    return localStorage.getItem(name) ?? "";
  } catch {
    return "";
  }
}

/** Stores a text, or removes the item when the text is empty. Does nothing when the browser refuses. */
export function storeItem(name: string, text: string): void {
  try {
    if (text === "") {
      localStorage.removeItem(name);
    } else {
      localStorage.setItem(name, text);
    }
  } catch {
    // The choice then lasts until the page is left.
  }
}
