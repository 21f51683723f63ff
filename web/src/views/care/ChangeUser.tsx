// Switches an account off or on, gives an installer more time, or removes the account.
import { useState } from "preact/hooks";
import type { Account } from "../../camera/answers";
import { tell } from "../../camera/http";
import { secretAgain } from "../../camera/signedin";
import { Choice, Field } from "../../pieces/Field";
import { Form, type Given } from "../../pieces/Form";
import { PassphraseAgain } from "../../pieces/PassphraseAgain";
import { Sheet } from "../../pieces/Sheet";
import { say } from "../../words/words";

const LONGEST_DAYS = 30;

interface ChangeUserProps {
  account: Account;
  onDone: () => Promise<void>;
  onClose: () => void;
}

export function ChangeUser({ account, onDone, onClose }: ChangeUserProps) {
  const acts = [account.disabled ? "enable" : "disable", ...(account.role === "installer" ? ["prolong"] : []), "remove"];
  const [act, setAct] = useState(acts[0] ?? "disable");
  async function change(given: Given) {
    const path = `/api/accounts/${encodeURIComponent(account.name)}`;
    const secret = await secretAgain(given["passphrase"] ?? "");
    if (act === "remove") await tell(path, { secret }, "DELETE");
    else if (act === "prolong") await tell(path, { days: Number(given["days"]), secret }, "PATCH");
    else await tell(path, { disabled: act === "disable", secret }, "PATCH");
    await onDone();
  }
  return (
    <Sheet id="change-user" title={say("user.change_title", { name: account.name })} onClose={onClose}>
      <Form id="change-user-form" kind={act === "remove" ? "grave" : "main"} go={say(`user.${act}`)} wrong={say("wrong_again")} onGive={change} onCancel={onClose}>
        <Choice id="user-act" name="act" label={say("user.what")} value={act} onChange={setAct}>
          {acts.map((known) => (
            <option key={known} value={known}>
              {say(`user.${known}`)}
            </option>
          ))}
        </Choice>
        {act === "prolong" && (
          <Field name="days" label={say("user.days")} type="number" inputMode="numeric" min={1} max={LONGEST_DAYS} defaultValue={1} required />
        )}
        <PassphraseAgain autoFocus />
      </Form>
    </Sheet>
  );
}
