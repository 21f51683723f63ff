// To refuse, with a reason that whoever asked is told.
import { useState } from "preact/hooks";
import { announce } from "../../pieces/Announcer";
import { Button } from "../../pieces/Button";
import { Choice, Field } from "../../pieces/Field";
import { Form, type Given } from "../../pieces/Form";
import { Sheet } from "../../pieces/Sheet";
import { say } from "../../words/words";
import type { Case } from "./answers";
import { REFUSALS } from "./grounds";
import { step } from "./told";

/** The other way out of a decision: a button below its form, and the reason asked in a sheet. */
export function RefuseInstead({ one }: { one: Case }) {
  const [refusing, setRefusing] = useState(false);
  return (
    <>
      <div class="actions start">
        <Button id="refuse-open" onPress={() => setRefusing(true)}>
          {say("refuse.open")}
        </Button>
      </div>
      {refusing && <RefuseForm one={one} onClose={() => setRefusing(false)} />}
    </>
  );
}

function RefuseForm({ one, onClose }: { one: Case; onClose: () => void }) {
  const [why, setWhy] = useState<string>(one.kind === "look" ? "no_ground" : "privacy");
  async function refuse(given: Given) {
    const said = why === "other" ? "" : say(`refusal.${why}`);
    await step(one.case_id, "refuse", { reason: [said, given["more"]?.trim()].filter(Boolean).join(" · ") });
    announce(say("step.refused"));
    onClose();
  }
  return (
    <Sheet id="refuse" title={say("refuse.title")} onClose={onClose}>
      <Form id="refuse-form" kind="grave" go={say("refuse.go")} onGive={refuse} onCancel={onClose}>
        <Choice id="refuse-why" name="reason" label={say("refuse.why")} value={why} onChange={setWhy}>
          {REFUSALS.map((each) => (
            <option key={each} value={each}>
              {say(`refusal.${each}`)}
            </option>
          ))}
        </Choice>
        <Field id="refuse-more" name="more" label={say(why === "other" ? "refuse.own_words" : "refuse.more")} required={why === "other"} maxLength={500} />
        {one.kind === "disclosure" && <p class="hint">{say("refuse.letter_follows")}</p>}
      </Form>
    </Sheet>
  );
}
