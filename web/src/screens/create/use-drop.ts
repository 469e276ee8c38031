import { useEffect, useRef, useState } from "preact/hooks";

/**
 * Accepts files dropped anywhere on the page, because outside the field a browser would leave the
 * page and open them. Returns whether files are being dragged over the page.
 */
export function useDrop(onFiles: (files: FileList) => void): boolean {
  const [over, setOver] = useState(false);
  const latest = useRef(onFiles);
  latest.current = onFiles;
  useEffect(() => {
    const end = new AbortController();
    const { signal } = end;
    const drag = (event: DragEvent): void => {
      if (event.dataTransfer?.types.includes("Files")) {
        event.preventDefault();
        setOver(event.type === "dragover");
      }
    };
    addEventListener("dragover", drag, { signal });
    addEventListener("drop", drag, { signal });
    addEventListener("drop", ({ dataTransfer }) => dataTransfer?.files.length && latest.current(dataTransfer.files), { signal });
    addEventListener("dragleave", ({ relatedTarget }) => relatedTarget === null && setOver(false), { signal });
    return () => end.abort();
  }, []);
  return over;
}
