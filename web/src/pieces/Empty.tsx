// What stands where there is nothing to show yet.
import type { ComponentChildren } from "preact";

export function Empty({ id, children }: { id?: string; children: ComponentChildren }) {
  return (
    <p id={id} class="hint empty">
      {children}
    </p>
  );
}
