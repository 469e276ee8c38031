import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";

interface Props {
  /** Takes the focus when it appears, so that screen readers start there. */
  readonly focus?: boolean;
  readonly children: ComponentChildren;
}

/** The heading of a screen. Each screen needs a different key. */
export function Heading({ focus = true, children }: Props) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    if (focus) {
      heading.current?.focus();
    }
  }, [focus]);
  return (
    <h1 ref={heading} tabIndex={-1}>
      {children}
    </h1>
  );
}
