// A dialog over the page: the focus stays inside it, Escape leaves it, and whoever opened it has the focus again after.
import type { ComponentChildren } from "preact";
import { useId, useLayoutEffect, useRef } from "preact/hooks";

interface SheetProps {
  id?: string;
  title: string;
  wide?: boolean;
  /** Beside the heading. */
  head?: ComponentChildren;
  /** The reader left it; take it out of the page. */
  onClose: () => void;
  children: ComponentChildren;
}

/** Open for as long as it is in the page. */
export function Sheet({ id, title, wide, head, onClose, children }: SheetProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const named = useId();
  const gone = useRef(false);
  useLayoutEffect(() => {
    const shown = dialog.current;
    shown?.showModal();
    // Closed before it is taken out, so that the focus goes back where it came from.
    return () => {
      gone.current = true;
      shown?.close();
    };
  }, []);
  return (
    <dialog
      id={id}
      ref={dialog}
      class={wide ? "sheet wide" : "sheet"}
      aria-labelledby={named}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      // A browser may close it without asking; its event comes late, when something else may be open.
      onClose={() => gone.current || onClose()}
    >
      <div class="card-head">
        <h2 id={named}>{title}</h2>
        {head}
      </div>
      {children}
    </dialog>
  );
}
