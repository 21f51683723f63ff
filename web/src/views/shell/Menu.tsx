// Who is signed in, the language, and the way out.
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { signOut, type Visitor } from "../../camera/signedin";
import { Button } from "../../pieces/Button";
import { Icon } from "../../pieces/Icon";
import { link } from "../../route";
import { say } from "../../words/words";
import { Languages } from "./Languages";

export function Menu({ who }: { who: Visitor }) {
  const [open, setOpen] = useState(false);
  const around = useRef<HTMLDivElement>(null);
  // Before anybody can press a key on what it shows: an effect after the paint would lose a quick Escape.
  useLayoutEffect(() => {
    if (!open) return;
    const outside = (event: Event) => {
      if (!around.current?.contains(event.target as Node)) setOpen(false);
    };
    const escape = (event: KeyboardEvent) => {
      if (event.key !== "Escape") return;
      setOpen(false);
      around.current?.querySelector("button")?.focus();
    };
    document.addEventListener("pointerdown", outside);
    document.addEventListener("focusin", outside);
    document.addEventListener("keydown", escape);
    return () => {
      document.removeEventListener("pointerdown", outside);
      document.removeEventListener("focusin", outside);
      document.removeEventListener("keydown", escape);
    };
  }, [open]);
  return (
    <div class="menu" ref={around}>
      <button type="button" id="menu-open" class="quiet" aria-expanded={open} aria-controls="menu" onClick={() => setOpen(!open)}>
        <Icon name="person" />
        <span class="wide-only">{who.name}</span>
        <span class="unseen">{say("menu")}</span>
      </button>
      {open && (
        <div id="menu" class="menu-panel">
          <p>
            <strong id="who">{who.name}</strong>
            <br />
            <span class="hint">{say(`role.${who.role}`)}</span>
          </p>
          <Languages />
          <a class="row-link" href={link("/care", { card: "sign-ins" })} onClick={() => setOpen(false)}>
            {say("care.sign_ins")}
          </a>
          <Button id="sign-out" onPress={() => void signOut()}>
            {say("sign_out")}
          </Button>
        </div>
      )}
    </div>
  );
}
