// One matter of a screen, in a box of its own with a heading.
import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";

interface CardProps {
  id?: string;
  title: string;
  /** Beside the heading. */
  head?: ComponentChildren;
  class?: string;
  children: ComponentChildren;
}

export function Card({ id, title, head, children, ...rest }: CardProps) {
  const named = useId();
  return (
    <section id={id} class={`card ${rest.class ?? ""}`} aria-labelledby={named} tabIndex={id ? -1 : undefined}>
      <div class="card-head">
        <h2 id={named}>{title}</h2>
        {head}
      </div>
      {children}
    </section>
  );
}
