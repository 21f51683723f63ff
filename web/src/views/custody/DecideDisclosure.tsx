// The owner's decision on footage for somebody else; allowed and made in one go, or allowed alone, or refused.
import { announce } from "../../pieces/Announcer";
import { Card } from "../../pieces/Card";
import { Field } from "../../pieces/Field";
import { Form, type Given } from "../../pieces/Form";
import { say } from "../../words/words";
import type { Case } from "./answers";
import { OpeningPassphrase, opensIn } from "./disclosure/OpeningPassphrase";
import { PackageFields, wantedIn } from "./disclosure/PackageFields";
import { allowAndBegin } from "./disclosure/told";
import { PermitHours } from "./PermitHours";
import { RefuseInstead } from "./RefuseForm";
import { step } from "./told";

export function DecideDisclosure({ one }: { one: Case }) {
  const makes = one.want === "copy";

  async function decide(given: Given) {
    const decision = { hours: Number(given["hours"]), reason: given["reason"] ?? "" };
    if (makes) await allowAndBegin(one, decision, wantedIn(given), opensIn(given));
    else await step(one.case_id, "grant", decision);
    announce(say("step.granted"));
  }

  return (
    <Card id="decide" title={say("decide.title")}>
      <p class="hint">{say(makes ? "decide.copy_text" : "decide.view_text")}</p>
      <Form id="decide-form" go={say(makes ? "decide.make" : "decide.grant")} going={say("decide.granting")} wrong={say("wrong_passphrase")} onGive={decide}>
        {makes && <PackageFields one={one} />}
        <details>
          <summary>{say("decide.more")}</summary>
          <div class="beside">
            <Field id="decide-reason" name="reason" label={say("decide.reason")} defaultValue={one.legal_basis} maxLength={500} />
            <PermitHours id="decide-hours" />
          </div>
        </details>
        {makes && <OpeningPassphrase />}
      </Form>
      <RefuseInstead one={one} />
    </Card>
  );
}
