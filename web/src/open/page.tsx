import type { ComponentChildren } from "preact";
import { Heading } from "../ui/index.js";

interface Props {
  readonly title: string;
  readonly class?: string;
  /** Leaves the focus where it is. */
  readonly quiet?: boolean;
  readonly children: ComponentChildren;
}

/** One screen. A new title is a new heading, which takes the focus. */
export function Page({ title, class: name = "", quiet = false, children }: Props) {
  return (
    <section class={`screen ${name}`}>
      <Heading key={title} focus={!quiet}>
        {title}
      </Heading>
      {children}
    </section>
  );
}
