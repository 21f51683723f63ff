// Makes a passkey on this device, or on a security key.
import { tell } from "../../camera/http";
import { makePasskey } from "../../camera/passkey";
import { secretAgain } from "../../camera/signedin";
import { Field } from "../../pieces/Field";
import { Form, type Given } from "../../pieces/Form";
import { PassphraseAgain } from "../../pieces/PassphraseAgain";
import { Sheet } from "../../pieces/Sheet";
import { say } from "../../words/words";

interface NewPasskeyProps {
  onDone: () => Promise<void>;
  onClose: () => void;
}

export function NewPasskey({ onDone, onClose }: NewPasskeyProps) {
  async function make({ label, passphrase = "" }: Given) {
    const secret = await secretAgain(passphrase);
    const { options } = await tell<{ options: Record<string, unknown> }>("/api/passkeys/begin", { secret });
    await tell("/api/passkeys", { label, credential: await makePasskey(options) });
    await onDone();
  }
  return (
    <Sheet id="new-passkey" title={say("passkey.new_title")} onClose={onClose}>
      <Form id="new-passkey-form" go={say("passkey.make")} wrong={say("passkey.refused")} onGive={make} onCancel={onClose}>
        <p>{say("passkey.text")}</p>
        <Field name="label" label={say("passkey.label")} autocomplete="off" required maxLength={80} autoFocus />
        <PassphraseAgain />
      </Form>
    </Sheet>
  );
}
