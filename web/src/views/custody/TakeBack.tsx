// Whoever asked takes it back; whoever allowed it takes that back.
import { useState } from "preact/hooks";
import { announce } from "../../pieces/Announcer";
import { Button } from "../../pieces/Button";
import { Field } from "../../pieces/Field";
import { Form, type Given } from "../../pieces/Form";
import { Sheet } from "../../pieces/Sheet";
import { say } from "../../words/words";
import type { Case } from "./answers";
import { step } from "./told";

export function TakeBack({ one }: { one: Case }) {
  const [shown, setShown] = useState<"withdraw" | "revoke" | null>(null);
  const act = (["withdraw", "revoke"] as const).find((each) => one.may.includes(each));
  if (!act) return null;
  async function take(given: Given) {
    if (!act) return;
    await step(one.case_id, act, act === "revoke" ? { reason: given["reason"] ?? "" } : {});
    announce(say(act === "revoke" ? "step.revoked" : "step.withdrawn"));
    setShown(null);
  }
  return (
    <div class="actions start">
      <Button id={`${act}-open`} onPress={() => setShown(act)}>
        {say(`undo.${act}.open`)}
      </Button>
      {shown && (
        <Sheet id={shown} title={say(`undo.${shown}.title`)} onClose={() => setShown(null)}>
          <Form id={`${shown}-form`} kind="grave" go={say(`undo.${shown}.go`)} onGive={take} onCancel={() => setShown(null)}>
            <p>{say(`undo.${shown}.text`)}</p>
            {shown === "revoke" && <Field id="revoke-reason" name="reason" label={say("refuse.why")} required maxLength={500} autoFocus />}
          </Form>
        </Sheet>
      )}
    </div>
  );
}
