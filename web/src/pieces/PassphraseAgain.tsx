// Before what matters most, whoever is signed in types the passphrase once more; only what it becomes is sent.
import { say } from "../words/words";
import { Field } from "./Field";

export function PassphraseAgain({ id, autoFocus = false }: { id?: string; autoFocus?: boolean }) {
  return (
    <Field
      id={id}
      name="passphrase"
      label={say("passphrase_again")}
      type="password"
      autocomplete="current-password"
      required
      maxLength={1024}
      autoFocus={autoFocus}
    />
  );
}
