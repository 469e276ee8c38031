import type { ComponentChildren } from "preact";
import { Heading } from "../ui/index.js";

interface Props {
  readonly title: string;
  readonly class?: string;
  /** Leaves the focus where it is. */
  readonly quiet?: boolean;
  /** Stands before the heading, for the eye only. */
  readonly above?: ComponentChildren;
  readonly children: ComponentChildren;
}

/** One screen. A new title is a new heading, which takes the focus. */
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
