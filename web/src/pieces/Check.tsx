// A box to tick and what it means; pressing the words ticks it too.
import type { ComponentChildren } from "preact";

interface CheckProps {
  id?: string;
  name?: string;
  value?: string;
  checked?: boolean;
  disabled?: boolean;
  /** Told the box itself, as it stands after the press. */
  onChange?: (box: HTMLInputElement) => void;
  children: ComponentChildren;
}

export function Check({ onChange, children, ...rest }: CheckProps) {
  return (
    <label class="check">
      <input type="checkbox" {...rest} onChange={(event) => onChange?.(event.currentTarget)} />
      <span>{children}</span>
    </label>
  );
}
