import type { ComponentChildren } from "preact";

interface Props {
  /** Error: screen readers read it at once. */
  readonly kind?: "info" | "good" | "error";
  readonly children: ComponentChildren;
}

/** A highlighted message. */
export function Notice({ kind = "info", children }: Props) {
  return (
    <div class={`notice ${kind}`} {...(kind === "error" && { role: "alert" })}>
      {children}
    </div>
  );
}
