// The buttons of the page: one main act a place, quiet ones beside it.
import type { ComponentChildren } from "preact";
import { Busy } from "./Busy";

export interface ButtonProps {
  /** "grave" is for what cannot be taken back. */
  kind?: "main" | "quiet" | "grave" | "plain";
  id?: string | undefined;
  type?: "button" | "submit";
  busy?: boolean;
  disabled?: boolean;
  label?: string;
  pressed?: boolean;
  onPress?: (() => void) | undefined;
  children: ComponentChildren;
}

/** `busy` says that its act is under way: it cannot be pressed again until it is over. */
export function Button({ kind = "quiet", type = "button", busy = false, disabled, label, pressed, onPress, ...rest }: ButtonProps) {
  return (
    <button
      id={rest.id}
      type={type}
      class={kind}
      disabled={disabled || busy}
      aria-label={label}
      aria-pressed={pressed}
      aria-busy={busy || undefined}
      onClick={onPress}
    >
      {busy && <Busy />}
      {rest.children}
    </button>
  );
}
