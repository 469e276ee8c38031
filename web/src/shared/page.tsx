import type { ComponentChildren } from "preact";
import { Heading } from "../ui/index.js";
import "./page.css";

interface Props {
  readonly title: string;
  readonly class?: string;
  /** Leaves the focus where it is. */
  readonly quiet?: boolean;
  /** A decoration above the heading. */
  readonly above?: ComponentChildren;
  readonly children: ComponentChildren;
}

/** The frame of a screen. A new title makes a new heading, which takes the focus. */
export function Page({ title, class: name = "", quiet = false, above, children }: Props) {
  return (
    <section class={`screen ${name}`}>
      {above}
      <Heading key={title} focus={!quiet}>
        {title}
      </Heading>
      {children}
    </section>
  );
}
