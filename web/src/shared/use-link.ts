import { useEffect, useState } from "preact/hooks";

/** The text from which a screen takes its link. */
interface LinkText {
  readonly text: string;
  /** Changes with every replacement. */
  readonly number: number;
  readonly replace: (text: string) => void;
}

/** Keeps the text with which a screen was opened, or a later one that was pasted, until the page is left. */
export function useLink(first: string): LinkText {
  const [link, setLink] = useState({ text: first, number: 0 });
  useEffect(() => {
    const drop = (): void => setLink(({ number }) => ({ text: "", number }));
    addEventListener("pagehide", drop);
    return () => removeEventListener("pagehide", drop);
  }, []);
  return { ...link, replace: (text) => setLink(({ number }) => ({ text, number: number + 1 })) };
}
