import { useEffect, useRef } from "preact/hooks";
import type { ButtonHTMLAttributes } from "preact";
import { Hold } from "./press.js";

interface Options {
  /** Called once, while it is still pressed. */
  readonly onHeld: () => void;
  /** Called when it was let go too early, or clicked without a press. */
  readonly onEarly: () => void;
}

type Handlers = Pick<
  ButtonHTMLAttributes<HTMLButtonElement>,
  "onPointerDown" | "onPointerUp" | "onPointerCancel" | "onKeyDown" | "onKeyUp" | "onBlur" | "onClick" | "onContextMenu"
>;

/** Makes of a button one that has to be held, with a pointer or a key; events that a script made do not count. */
export function useHold({ onHeld, onEarly }: Options): Handlers {
  const hold = useRef(new Hold()).current;
  const frame = useRef(0);
  const pointed = useRef(false); // a pointer was down before the click that comes
  const latest = useRef({ onHeld, onEarly });
  latest.current = { onHeld, onEarly };

  const stop = (button: HTMLElement): void => {
    cancelAnimationFrame(frame.current);
    hold.release();
    show(button, 0);
  };
  const step = (button: HTMLElement): void => {
    frame.current = requestAnimationFrame((now) => {
      const far = hold.frame(now);
      show(button, far);
      if (far < 1) {
        return step(button);
      }
      hold.release();
      show(button, 0);
      latest.current.onHeld();
    });
  };
  const press = (button: HTMLElement): void => {
    if (!hold.pressed) {
      hold.press(performance.now());
      step(button);
    }
  };
  const letGo = (button: HTMLElement): void => {
    if (hold.pressed) {
      stop(button);
      latest.current.onEarly();
    }
  };
  useEffect(() => () => cancelAnimationFrame(frame.current), []);

  return {
    onPointerDown: (event) => {
      pointed.current = event.isTrusted;
      if (event.isTrusted && event.isPrimary && event.button === 0) {
        event.currentTarget.setPointerCapture(event.pointerId);
        press(event.currentTarget);
      }
    },
    onPointerUp: (event) => letGo(event.currentTarget),
    onPointerCancel: (event) => letGo(event.currentTarget),
    onKeyDown: (event) => {
      if (isPress(event)) {
        event.preventDefault();
        if (event.isTrusted && !event.repeat) {
          press(event.currentTarget);
        }
      }
    },
    onKeyUp: (event) => {
      if (isPress(event)) {
        event.preventDefault();
        letGo(event.currentTarget);
      }
    },
    onBlur: (event) => letGo(event.currentTarget),
    onClick: (event) => {
      event.preventDefault();
      if (!pointed.current) {
        latest.current.onEarly(); // a screen reader clicks without a press
      }
      pointed.current = false;
    },
    onContextMenu: (event) => event.preventDefault(),
  };
}

function isPress(event: KeyboardEvent): boolean {
  return event.key === " " || event.key === "Enter";
}

function show(button: HTMLElement, far: number): void {
  button.style.setProperty("--held", String(far));
  button.classList.toggle("pressed", far > 0);
}
