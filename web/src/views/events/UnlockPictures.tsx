// Asks for the owner's passphrase, with which this browser alone opens pictures and footage.
import { Refusal } from "../../camera/refusal";
import { keyring, Refused } from "../../opening/identity";
import { announce } from "../../pieces/Announcer";
import { Field } from "../../pieces/Field";
import { Form, type Given } from "../../pieces/Form";
import { Sheet } from "../../pieces/Sheet";
import { say } from "../../words/words";

export function UnlockPictures({ onClose }: { onClose: () => void }) {
  async function unlock({ passphrase = "" }: Given) {
    try {
      await keyring.unlock(passphrase);
    } catch (error) {
      throw asRefusal(error);
    }
    announce(say("pictures_open"));
    onClose();
  }
  return (
    <Sheet id="unlock-pictures" title={say("pictures_unlock")} onClose={onClose}>
      <Form id="unlock-pictures-form" go={say("unlock")} going={say("unlocking")} wrong={say("wrong_passphrase")} onGive={unlock} onCancel={onClose}>
        <p>{say("pictures_unlock_text")}</p>
        <input type="text" autocomplete="username" value="owner" hidden />
        <Field id="pictures-passphrase" name="passphrase" label={say("passphrase")} type="password" autocomplete="current-password" required maxLength={1024} autoFocus />
      </Form>
    </Sheet>
  );
}

function asRefusal(error: unknown): unknown {
  if (!(error instanceof Refused)) return error;
  const field = "passphrase";
  if (error.why === "wrong" || error.why === "early") return new Refusal("NotAllowed", error.why, { field, waitS: error.why === "early" ? error.waitS : 0 });
  return new Refusal("BadInput", say(error.why === "memory" ? "pictures_no_memory" : "pictures_bad_key"));
}
