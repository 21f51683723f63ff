// To let somebody look, for some hours; where their own key does not open it, the keys are made here in this browser.
import { useRef, useState } from "preact/hooks";
import { useWatched } from "../../camera/watched";
import { announce } from "../../pieces/Announcer";
import { Card } from "../../pieces/Card";
import { Field } from "../../pieces/Field";
import { Form, type Given } from "../../pieces/Form";
import { say } from "../../words/words";
import type { Case } from "./answers";
import { bringsKeys, isOpenHere, makeKeys, OpenFirst } from "./permitmaking";
import { PermitHours } from "./PermitHours";
import { RefuseInstead } from "./RefuseForm";
import { policy, step } from "./told";

export function DecideLook({ one }: { one: Case }) {
  const [waiting, setWaiting] = useState(false);
  const answered = useRef((_: boolean) => {});
  const withKeys = bringsKeys(useWatched(policy).answer);

  async function grant(given: Given) {
    if (withKeys) {
      if (!isOpenHere() && !(await opened())) return;
      await makeKeys(one.case_id);
    }
    await step(one.case_id, "grant", { hours: Number(given["hours"]), reason: given["reason"] ?? "" });
    announce(say("step.granted"));
  }

  /** Whether footage was opened in the dialog, or the dialog left. */
  function opened(): Promise<boolean> {
    setWaiting(true);
    return new Promise((then) => (answered.current = then));
  }

  function answer(isOpen: boolean) {
    setWaiting(false);
    answered.current(isOpen);
  }

  return (
    <Card id="decide" title={say("decide.title")}>
      <p>{say("decide.look_text", { name: one.asked_by })}</p>
      <Form id="grant-form" go={say("decide.grant")} going={say("decide.granting")} onGive={grant}>
        <div class="beside">
          <PermitHours id="grant-hours" />
          <Field id="grant-reason" name="reason" label={say("decide.reason")} maxLength={500} />
        </div>
        {withKeys && <p class="aside">{say("decide.keys_text")}</p>}
      </Form>
      <RefuseInstead one={one} />
      {waiting && <OpenFirst text={say("decide.unlock_text")} onOpen={() => answer(true)} onClose={() => answer(false)} />}
    </Card>
  );
}
