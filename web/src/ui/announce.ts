let listener = (_text: string): void => undefined;

/** Lets screen readers read a text. It must not contain a secret. */
export function announce(text: string): void {
  listener(text);
}

/** Sets the one listener, which shows announcements in the live region. */
export function onAnnounce(announced: (text: string) => void): void {
  listener = announced;
}
