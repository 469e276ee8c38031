import type { ComponentChildren } from "preact";

interface Props {
  /** Error: it is read out at once. */
  readonly kind?: "info" | "good" | "error";
  readonly children: ComponentChildren;
}

/** Something to know, set apart from the rest. */
export function Notice({ kind = "info", children }: Props) {
  return (
    <div class={`notice ${kind}`} {...(kind === "error" && { role: "alert" })}>
      {children}
    </div>
  );
}
