// Asks for the owner's passphrase, with which this browser alone opens footage and its pictures.
import type { ComponentChildren } from "preact";
import { Refusal, waiting } from "../camera/refusal";
import { visitor } from "../camera/signedin";
import { keyring, Refused } from "../opening/identity";
import { say } from "../words/words";
import { announce } from "./Announcer";
import { Field } from "./Field";
import { Form, type Given } from "./Form";
import { Sheet } from "./Sheet";

interface UnlockSheetProps {
  title: string;
  /** Above the passphrase. */
  text: ComponentChildren;
  /** What is told once it is open. */
  done: string;
  /** Opens it elsewhere than in this browser; throws `Refusal`. */
  unlock?: ((passphrase: string) => Promise<unknown>) | undefined;
  onOpen: () => void;
  onClose: () => void;
  /** Beneath the passphrase. */
  children?: ComponentChildren;
}

export function UnlockSheet({ title, text, done, unlock = unlockHere, onOpen, onClose, children }: UnlockSheetProps) {
  async function give({ passphrase = "" }: Given) {
    await unlock(passphrase);
    announce(done);
    onOpen();
  }
  return (
    <Sheet id="unlock" title={title} onClose={onClose}>
      <Form id="unlock-form" go={say("unlock")} going={say("unlocking")} wrong={say("wrong_passphrase")} onGive={give} onCancel={onClose}>
        {text}
        <input type="text" autocomplete="username" value={visitor.value?.name ?? ""} hidden />
        <Field id="passphrase" name="passphrase" label={say("passphrase")} type="password" autocomplete="current-password" required maxLength={1024} autoFocus />
        {children}
      </Form>
    </Sheet>
  );
}

/** In this browser; throws what a form can say. */
const unlockHere = (passphrase: string): Promise<void> => keyring.unlock(passphrase).catch(explained);

function explained(error: unknown): never {
  if (!(error instanceof Refused)) throw error;
  const field = error.why === "wrong" || error.why === "early" ? "passphrase" : "";
  throw new Refusal("BadInput", wordsFor(error), { field });
}

function wordsFor({ why, waitS }: Refused): string {
  if (why === "early") return waiting(waitS);
  if (why === "wrong") return [say("wrong_passphrase"), waitS > 0 ? waiting(waitS) : ""].filter(Boolean).join(" ");
  if (why === "none") return say("unlock_none");
  return why === "memory" ? say("unlock_memory") : say("unlock_damaged");
}
