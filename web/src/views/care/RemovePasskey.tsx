// Takes a passkey away; whoever used it is signed out everywhere, here too.
import type { PasskeyShown } from "../../camera/answers";
import { tell } from "../../camera/http";
import { recognise, secretAgain } from "../../camera/signedin";
import { Form, type Given } from "../../pieces/Form";
import { PassphraseAgain } from "../../pieces/PassphraseAgain";
import { Sheet } from "../../pieces/Sheet";
import { say } from "../../words/words";

export function RemovePasskey({ passkey, onClose }: { passkey: PasskeyShown; onClose: () => void }) {
  async function remove({ passphrase = "" }: Given) {
    await tell(`/api/passkeys/${passkey.passkey_id}`, { secret: await secretAgain(passphrase) }, "DELETE");
    onClose();
    await recognise();
  }
  return (
    <Sheet id="remove-passkey" title={passkey.label} onClose={onClose}>
      <Form id="remove-passkey-form" kind="grave" go={say("passkey.remove")} wrong={say("wrong_again")} onGive={remove} onCancel={onClose}>
        <p>{say("passkey.remove_text")}</p>
        <PassphraseAgain autoFocus />
      </Form>
    </Sheet>
  );
}
