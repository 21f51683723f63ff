// The passphrase that opens the footage for a copy: the camera makes the copy, so the camera is told it.
import { useWatched } from "../../../camera/watched";
import { Field } from "../../../pieces/Field";
import type { Given } from "../../../pieces/Form";
import { say } from "../../../words/words";
import { policy } from "../told";
import type { Opens } from "./told";

export function OpeningPassphrase() {
  const takesTwo = useWatched(policy).answer?.sealing === "two_person";
  return (
    <>
      <Field id="opening-passphrase" name="passphrase" label={say("passphrase")} hint={say("opening.hint")} type="password" autocomplete="current-password" required maxLength={1024} />
      {takesTwo && (
        <div class="beside">
          <Field id="opening-operator" name="operator" label={say("opening.operator")} autocomplete="off" autocapitalize="none" spellcheck={false} required maxLength={80} />
          <Field id="opening-operator-passphrase" name="operator_passphrase" label={say("opening.operator_passphrase")} type="password" autocomplete="off" required maxLength={1024} />
        </div>
      )}
    </>
  );
}

/** What was typed. */
export const opensIn = (given: Given): Opens => ({
  passphrase: given["passphrase"] ?? "",
  operator: (given["operator"] ?? "").trim(),
  operator_passphrase: given["operator_passphrase"] ?? "",
});
