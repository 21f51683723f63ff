// Makes an account; its first passphrase never leaves this browser either.
import { useState } from "preact/hooks";
import { tell } from "../../camera/http";
import { accountName, cameraId, secretAgain } from "../../camera/signedin";
import { signInSecret } from "../../camera/signinsecret";
import { Choice, Field } from "../../pieces/Field";
import { Form, type Given } from "../../pieces/Form";
import { PassphraseAgain } from "../../pieces/PassphraseAgain";
import { Sheet } from "../../pieces/Sheet";
import { say } from "../../words/words";

const SHORTEST = 8;
const LONGEST_DAYS = 30;

interface NewUserProps {
  onDone: () => Promise<void>;
  onClose: () => void;
}

export function NewUser({ onDone, onClose }: NewUserProps) {
  const [role, setRole] = useState("operator");
  async function make(given: Given) {
    const name = accountName(given["name"] ?? "");
    const new_secret = await signInSecret(given["first"] ?? "", cameraId(), name);
    const secret = await secretAgain(given["passphrase"] ?? "");
    const days = given["days"] ? Number(given["days"]) : null;
    await tell("/api/accounts", { name, role, days, new_secret, secret });
    await onDone();
  }
  return (
    <Sheet id="new-user" title={say("user.new_title")} onClose={onClose}>
      <Form id="new-user-form" go={say("user.make")} wrong={say("wrong_again")} wrongFields={{ name: say("user.name_wrong") }} onGive={make} onCancel={onClose}>
        <Field id="user-name" name="name" label={say("account_name")} autocomplete="off" autocapitalize="none" spellcheck={false} required maxLength={80} autoFocus />
        <Choice id="user-role" name="role" label={say("user.role")} value={role} onChange={setRole}>
          {["operator", "installer", "owner"].map((known) => (
            <option key={known} value={known}>
              {say(`role.${known}`)}
            </option>
          ))}
        </Choice>
        <p class="hint">{say(`role_says.${role}`)}</p>
        {role === "installer" && (
          <Field name="days" label={say("user.days")} type="number" inputMode="numeric" min={1} max={LONGEST_DAYS} defaultValue={1} required />
        )}
        <Field id="user-first" name="first" label={say("user.first")} hint={say("user.first_hint")} type="password" autocomplete="new-password" required minLength={SHORTEST} maxLength={1024} />
        <PassphraseAgain />
      </Form>
    </Sheet>
  );
}
