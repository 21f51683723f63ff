// The owner comes back to a first run that was left: the passphrase, and on it goes.
import { Field } from "../pieces/Field";
import { Form, type Given } from "../pieces/Form";
import { say } from "../words/words";
import { Languages } from "../views/shell/Languages";
import { deriveSecret, renew, signInAgain } from "./told";

export function Comeback() {
  async function give(given: Given) {
    await deriveSecret(given["passphrase"] ?? "");
    await signInAgain();
    await renew();
  }
  return (
    <section class="setup-page" id="setup-comeback">
      <h1>{say("setup.comeback")}</h1>
      <p>{say("setup.comeback_text")}</p>
      <Form id="setup-comeback-form" go={say("setup.go_on")} going={say("signing_in")} wrong={say("wrong_sign_in")} onGive={give}>
        <input class="unseen" name="username" autocomplete="username" value="owner" readOnly tabIndex={-1} aria-hidden="true" />
        <Field id="setup-passphrase-again" name="passphrase" label={say("passphrase")} type="password" autocomplete="current-password" required maxLength={1024} />
      </Form>
      <Languages />
    </section>
  );
}
