// Asks for the owner's passphrase, which opens footage in this browser and goes nowhere; the camera only by choice.
import { useState } from "preact/hooks";
import { tell } from "../../camera/http";
import { Refusal, waiting } from "../../camera/refusal";
import { keyring, Refused } from "../../opening/identity";
import { announce } from "../../pieces/Announcer";
import { Field } from "../../pieces/Field";
import { Form, type Given } from "../../pieces/Form";
import { Sheet } from "../../pieces/Sheet";
import { say } from "../../words/words";
import { canOpenHere } from "./abilities";

interface UnlockProps {
  /** Footage is open: here, or (`onCamera`) on the camera for this browser. */
  onOpen: (onCamera: boolean) => void;
  onClose: () => void;
}

export function Unlock({ onOpen, onClose }: UnlockProps) {
  const here = canOpenHere();
  const [onCamera, setOnCamera] = useState(!here);

  async function unlock({ passphrase = "" }: Given) {
    if (onCamera) await tell("/api/unlock", { passphrase });
    else await keyring.unlock(passphrase).catch(explained);
    announce(say("unlocked"));
    onOpen(onCamera);
  }

  return (
    <Sheet id="unlock" title={say("unlock_title")} onClose={onClose}>
      <Form id="unlock-form" go={say("unlock")} going={say("unlocking")} wrong={say("wrong_passphrase")} onGive={unlock} onCancel={onClose}>
        <p>{say("unlock_text")}</p>
        {!here && <p class="told">{say("unlock_unable")}</p>}
        <Field id="passphrase" name="passphrase" label={say("passphrase")} type="password" autocomplete="off" required maxLength={1024} autoFocus />
        <p class="aside" id="unlock-where">
          {say(onCamera ? "unlock_on_camera_warning" : "unlock_here")}
        </p>
        <details class="other" open={onCamera}>
          <summary>{say("unlock_other")}</summary>
          <label class="check">
            <input type="checkbox" id="unlock-on-camera" checked={onCamera} disabled={!here} onChange={(event) => setOnCamera(event.currentTarget.checked)} />
            <span>{say("unlock_on_camera")}</span>
          </label>
        </details>
      </Form>
    </Sheet>
  );
}

/** Throws the same as something that a form can say. */
function explained(error: unknown): never {
  if (!(error instanceof Refused)) throw error;
  const field = error.why === "wrong" || error.why === "early" ? "passphrase" : "";
  throw new Refusal("BadInput", wordsFor(error), { field });
}

function wordsFor({ why, waitS }: Refused): string {
  if (why === "early") return waiting(waitS);
  if (why === "wrong") return [say("wrong_passphrase"), waitS > 0 ? waiting(waitS) : ""].filter(Boolean).join(" ");
  return why === "memory" ? say("unlock_memory") : say("unlock_damaged");
}

