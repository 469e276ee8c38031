/** What a screen reader is told beside what it has in focus. */
let speak = (_text: string): void => undefined;

/** Says a text once, when the person pauses. Secrets do not belong in it. */
export function announce(text: string): void {
  speak(text);
}

/** Hands what is announced to the one live region. */
export function onAnnounce(heard: (text: string) => void): void {
  speak = heard;
}
