import type { Ref } from "preact";
import { WaxPicture } from "../../shared/wax-picture.js";
import { usePress } from "./use-press.js";
import "./wax-button.css";

interface Props {
  readonly label: string;
  readonly describedBy: string;
  /** The wax is broken: the secret is being opened. */
  readonly broken: boolean;
  readonly onPressed: () => void;
  readonly onEarly: () => void;
  readonly button: Ref<HTMLButtonElement>;
}

/** The wax on a secret, a button that is pressed until its ring is full. */
export function WaxButton({ label, describedBy, broken, onPressed, onEarly, button }: Props) {
  const handlers = usePress({ onPressed, onEarly });
  return (
    <button
      type="button"
      ref={button}
      class={broken ? "wax-button broken" : "wax-button"}
      aria-describedby={describedBy}
      aria-disabled={broken}
      data-testid="wax"
      {...(broken ? {} : handlers)}
    >
      <WaxPicture broken={broken} />
      <span class="wax-label">{label}</span>
    </button>
  );
}
