import { useEffect, useState } from "preact/hooks";

/** Hides something after so many milliseconds, and anew after each time that it is shown again. */
export function useHiding(milliseconds: number): { hidden: boolean; hide: () => void; show: () => void } {
  const [hidden, setHidden] = useState(false);
  useEffect(() => {
    if (hidden) {
      return undefined;
    }
    const timer = setTimeout(() => setHidden(true), milliseconds);
    return () => clearTimeout(timer);
  }, [hidden, milliseconds]);
  return { hidden, hide: () => setHidden(true), show: () => setHidden(false) };
}
