import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";

interface Props {
  /** Takes the focus when it appears, so that a screen reader starts there. Not on the first screen with a field. */
  readonly focus?: boolean;
  readonly children: ComponentChildren;
}

/** The one heading of a screen. Give each screen's its own key. */
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
