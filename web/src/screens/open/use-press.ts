import { useEffect, useRef } from "preact/hooks";
import type { ButtonHTMLAttributes } from "preact";
import { Press } from "./press.js";

interface Options {
  /** Called once, while the button is still pressed. */
  readonly onPressed: () => void;
  /** Called when the button was released too early, or clicked without a press. */
  readonly onEarly: () => void;
}

type Handlers = Pick<
  ButtonHTMLAttributes<HTMLButtonElement>,
  "onPointerDown" | "onPointerUp" | "onPointerCancel" | "onKeyDown" | "onKeyUp" | "onBlur" | "onClick" | "onContextMenu"
>;

/** Returns the handlers of a button that must be pressed for a while, by pointer or key. Ignores the events of scripts. */
export function usePress({ onPressed, onEarly }: Options): Handlers {
  const press = useRef(new Press()).current;
  const frame = useRef(0);
  const pointed = useRef(false); // whether a pointer was down before the next click
  const latest = useRef({ onPressed, onEarly });
  latest.current = { onPressed, onEarly };

  const cancel = (button: HTMLElement): void => {
    cancelAnimationFrame(frame.current);
    press.end();
    show(button, 0);
  };
  const step = (button: HTMLElement): void => {
    frame.current = requestAnimationFrame((now) => {
      const progress = press.frame(now);
      show(button, progress);
      if (progress < 1) {
        return step(button);
      }
      press.end();
      show(button, 0);
      latest.current.onPressed();
    });
  };
  const down = (button: HTMLElement): void => {
    if (!press.active) {
      press.start(performance.now());
      step(button);
    }
  };
  const up = (button: HTMLElement): void => {
    if (press.active) {
      cancel(button);
      latest.current.onEarly();
    }
  };
  useEffect(() => () => cancelAnimationFrame(frame.current), []);

  return {
    onPointerDown: (event) => {
      pointed.current = event.isTrusted;
      if (event.isTrusted && event.isPrimary && event.button === 0) {
        event.currentTarget.setPointerCapture(event.pointerId);
        down(event.currentTarget);
      }
    },
    onPointerUp: (event) => up(event.currentTarget),
    onPointerCancel: (event) => up(event.currentTarget),
    onKeyDown: (event) => {
      if (isPressKey(event)) {
        event.preventDefault();
        if (event.isTrusted && !event.repeat) {
          down(event.currentTarget);
        }
      }
    },
    onKeyUp: (event) => {
      if (isPressKey(event)) {
        event.preventDefault();
        up(event.currentTarget);
      }
    },
    onBlur: (event) => up(event.currentTarget),
    onClick: (event) => {
      event.preventDefault();
      if (!pointed.current) {
        latest.current.onEarly(); // a screen reader clicks without a pointer
      }
      pointed.current = false;
    },
    onContextMenu: (event) => event.preventDefault(),
  };
}

function isPressKey(event: KeyboardEvent): boolean {
  return event.key === " " || event.key === "Enter";
}

function show(button: HTMLElement, progress: number): void {
  button.style.setProperty("--pressed", String(progress));
  button.classList.toggle("pressed", progress > 0);
}
