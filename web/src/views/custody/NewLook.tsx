// Somebody with an account wants to look: which footage, what for; or at once, where life is at stake and the policy lets them.
import { useState } from "preact/hooks";
import { Refusal } from "../../camera/refusal";
import { visitor } from "../../camera/signedin";
import { useWatched } from "../../camera/watched";
import { announce } from "../../pieces/Announcer";
import { Card } from "../../pieces/Card";
import { Check } from "../../pieces/Check";
import { Choice, Field } from "../../pieces/Field";
import { Form, type Given } from "../../pieces/Form";
import { lasting, say } from "../../words/words";
import type { Case } from "./answers";
import { GROUNDS, groundWords } from "./grounds";
import { nothingAsked, TimeField } from "./TimeField";
import { askedOf, spanOf } from "./times";
import { policy, write } from "./told";

interface NewLookProps {
  /** What somebody was about to play. */
  span: { fromMs: number; toMs: number } | null;
  onWritten: (written: Case) => void;
  onCancel: () => void;
}

const OUTSIDE = "";
const LINE = 200;

export function NewLook({ span, onWritten, onCancel }: NewLookProps) {
  const told = useWatched(policy).answer;
  const [asked, setAsked] = useState(span ? askedOf(span.fromMs, span.toMs) : nothingAsked());
  const [purpose, setPurpose] = useState<string>();
  const [emergency, setEmergency] = useState(false);
  const purposes = told?.purposes ?? [];
  const chosen = purpose ?? purposes[0] ?? OUTSIDE;
  const mayAtOnce = told?.emergency === true && told.sealing === "shared" && visitor.value?.role === "operator";

  async function give(given: Given) {
    const wanted = spanOf(asked);
    if (!wanted) throw new Refusal("BadInput", say("field.missing"), { field: "day" });
    const isWithin = chosen !== OUTSIDE;
    const written = await write({
      kind: "look",
      want: "view",
      asker: { name: visitor.value?.name ?? "" },
      asker_kind: "inside",
      use: isWithin ? "within" : "outside",
      purpose: isWithin ? chosen : given["purpose_other"],
      legal_basis: isWithin ? "" : groundWords(given["ground"] ?? "", given["ground_more"] ?? ""),
      identity_check: "",
      from_ms: wanted.fromMs,
      to_ms: wanted.toMs,
      remarks: given["remarks"] ?? "",
      emergency,
    });
    announce(say(emergency ? "case.emergency_begun" : "case.written"));
    onWritten(written);
  }

  return (
    <Card id="new-look" title={say("new.look_title")} class="narrow">
      <Form id="new-look-form" kind={emergency ? "grave" : "main"} go={say(emergency ? "new.look_now" : "new.ask_owner")} onGive={give} onCancel={onCancel}>
        <TimeField asked={asked} onChange={setAsked} />
        <div class="beside">
          <Choice id="look-purpose" name="purpose" label={say("new.look_purpose")} value={chosen} onChange={setPurpose}>
            {purposes.map((each) => (
              <option key={each} value={each}>
                {each}
              </option>
            ))}
            <option value={OUTSIDE}>{say("new.purpose_outside")}</option>
          </Choice>
          <Field id="look-remarks" name="remarks" label={say(emergency ? "new.why_now" : "new.why")} required={emergency} maxLength={1000} />
        </div>
        {chosen === OUTSIDE && (
          <div class="beside">
            <Field id="look-purpose-other" name="purpose_other" label={say("new.purpose")} required maxLength={LINE} />
            <Choice id="look-ground" name="ground" label={say("new.ground")} hint={say("new.outside_hint")}>
              {GROUNDS.filter((each) => each !== "other").map((each) => (
                <option key={each} value={each}>
                  {say(`ground.${each}`)}
                </option>
              ))}
            </Choice>
          </div>
        )}
        {mayAtOnce && (
          <div class="emergency">
            <Check id="look-emergency" checked={emergency} onChange={(box) => setEmergency(box.checked)}>
              {say("new.emergency")}
            </Check>
            {emergency && <p class="told">{say("new.emergency_text", { time: lasting((told?.emergency_report_h ?? 0) * 3600) })}</p>}
          </div>
        )}
      </Form>
    </Card>
  );
}
