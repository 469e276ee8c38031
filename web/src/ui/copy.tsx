import { useEffect, useRef, useState } from "preact/hooks";
import { t } from "../i18n/index.js";
import { announce } from "./announce.js";
import { Button } from "./button.js";

interface Props {
  /** Returns the text to copy. */
  readonly text: () => string;
  /** The label of the button, "Copy" by default. */
  readonly label?: string;
  readonly kind?: "primary" | "plain" | "quiet";
  /** Called when the browser refuses. It should select the text, so that the person can copy it. */
  readonly onRefused?: () => void;
}

const shown = 2500; // milliseconds

/** A button that copies a text and confirms it. */
export function Copy({ text, label, kind = "plain", onRefused }: Props) {
  const [copied, setCopied] = useState(false);
  const timer = useRef(0);
  useEffect(() => () => clearTimeout(timer.current), []);

  async function copy(): Promise<void> {
    const done = await write(text());
    announce(t(done ? "common.copied" : "common.copy_failed"));
    if (!done) {
      return onRefused?.();
    }
    setCopied(true);
    clearTimeout(timer.current);
    timer.current = window.setTimeout(() => setCopied(false), shown);
  }

  return (
    <Button kind={kind} onClick={() => void copy()}>
      {copied ? t("common.copied") : (label ?? t("common.copy"))}
    </Button>
  );
}

async function write(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}
