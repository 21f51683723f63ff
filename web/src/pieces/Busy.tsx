// That something is under way; with words it is also said to screen readers.
import type { ComponentChildren } from "preact";

export function Busy({ children }: { children?: ComponentChildren }) {
  return (
    <span class="busy" role={children ? "status" : undefined}>
      <span class="wheel" aria-hidden="true" />
      {children}
    </span>
  );
}
