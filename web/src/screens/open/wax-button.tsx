import type { Ref } from "preact";
import { SealPicture } from "../../shared/wax-picture.js";
import { useHold } from "./use-press.js";

interface Props {
  readonly label: string;
  readonly describedBy: string;
  /** Broken: it was opened, and something is under way. */
  readonly broken: boolean;
  readonly onHeld: () => void;
  readonly onEarly: () => void;
  readonly button: Ref<HTMLButtonElement>;
}

/** The wax seal on a secret: pressed until its ring is full, it breaks. */
export function Seal({ label, describedBy, broken, onHeld, onEarly, button }: Props) {
  const handlers = useHold({ onHeld, onEarly });
  return (
    <button
      type="button"
      ref={button}
      class={broken ? "seal broken" : "seal"}
      aria-describedby={describedBy}
      aria-disabled={broken}
      data-testid="seal"
      {...(broken ? {} : handlers)}
    >
      <SealPicture broken={broken} />
      <span class="seal-label">{label}</span>
    </button>
  );
}
