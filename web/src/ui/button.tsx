import type { ButtonHTMLAttributes, ComponentChildren } from "preact";

interface Props extends Omit<ButtonHTMLAttributes<HTMLButtonElement>, "class" | "type"> {
  /** Primary: the main action of the screen. Quiet: it looks like a link. */
  readonly kind?: "primary" | "plain" | "quiet" | "danger";
  readonly type?: "button" | "submit";
  readonly children: ComponentChildren;
}

export function Button({ kind = "plain", type = "button", children, ...rest }: Props) {
  return (
    <button {...rest} type={type} class={`button ${kind}`}>
      {children}
    </button>
  );
}
