// A sentence across the page: "grave" when something is wrong, "seen" for what nobody may overlook.
import type { ComponentChildren } from "preact";

interface NoticeProps {
  kind?: "plain" | "grave" | "seen";
  id?: string;
  /** Heading of a notice that has one. */
  title?: string;
  children: ComponentChildren;
}

export function Notice({ kind = "plain", id, title, children }: NoticeProps) {
  if (title)
    return (
      <section id={id} class={`notice ${kind}`} aria-label={title}>
        <h2>{title}</h2>
        {children}
      </section>
    );
  return (
    <div id={id} class={`notice ${kind}`} role={kind === "grave" ? "alert" : "status"}>
      {children}
    </div>
  );
}
