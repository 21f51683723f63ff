// Ends a case: whether there was such footage, and what else is to be remembered.
import { useState } from "preact/hooks";
import { announce } from "../../pieces/Announcer";
import { Card } from "../../pieces/Card";
import { Field } from "../../pieces/Field";
import { Form, type Given } from "../../pieces/Form";
import { say } from "../../words/words";
import type { Case } from "./answers";
import { Pick } from "./Pick";
import { step } from "./told";

export function CloseCard({ one }: { one: Case }) {
  const [found, setFound] = useState(one.found === false ? "no" : "yes");
  async function close(given: Given) {
    await step(one.case_id, "close", { found: found === "yes", remarks: given["remarks"] ?? "" });
    announce(say("step.closed"));
  }
  return (
    <Card id="close" title={say("close.title")}>
      <Form id="close-form" go={say("close.go")} onGive={close}>
        <Pick
          name="found_chosen"
          label={say("fact.found")}
          options={["yes", "no"].map((each) => ({ value: each, words: say(`found.${each}`) }))}
          value={found}
          onChange={setFound}
        />
        <Field id="close-remarks" name="remarks" label={say("new.remarks")} maxLength={500} />
      </Form>
    </Card>
  );
}
