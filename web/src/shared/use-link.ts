import { useEffect, useState } from "preact/hooks";

/** A link that a screen works on. */
interface Turn {
  readonly text: string;
  /** Another one for every link. */
  readonly number: number;
  readonly take: (text: string) => void;
}

/** Keeps the link that a screen was opened with, or that was pasted since, until the page is left. */
export function useLink(text: string): Turn {
  const [turn, setTurn] = useState({ text, number: 0 });
  useEffect(() => {
    const drop = (): void => setTurn(({ number }) => ({ text: "", number }));
    addEventListener("pagehide", drop);
    return () => removeEventListener("pagehide", drop);
  }, []);
  return { ...turn, take: (next) => setTurn(({ number }) => ({ text: next, number: number + 1 })) };
}
