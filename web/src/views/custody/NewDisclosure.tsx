// Somebody from outside asks for footage: written down while they stand at the door, with as few fields as the forms allow.
import { useState } from "preact/hooks";
import { useWatched } from "../../camera/watched";
import { announce } from "../../pieces/Announcer";
import { Card } from "../../pieces/Card";
import { Choice, Field } from "../../pieces/Field";
import { Form, type Given } from "../../pieces/Form";
import { Refusal } from "../../camera/refusal";
import { day, say } from "../../words/words";
import type { AskerKind, Case } from "./answers";
import { ASKERS, checksFor, GROUNDS, groundWords, usualGround } from "./grounds";
import { Pick } from "./Pick";
import { TimeField, nothingAsked } from "./TimeField";
import { dueAfter, spanOf } from "./times";
import { policy, write } from "./told";

const WANTS: Record<AskerKind, readonly string[]> = {
  police: ["copy", "view"],
  court: ["copy", "view"],
  person: ["view", "copy", "existence", "erase"],
  insurer: ["copy", "view", "existence"],
  other: ["copy", "view", "existence"],
  inside: ["view"],
};
const LINE = 200;

export function NewDisclosure({ onWritten, onCancel }: { onWritten: (written: Case) => void; onCancel: () => void }) {
  const told = useWatched(policy).answer;
  const [asker, setAsker] = useState<AskerKind>("police");
  const [ground, setGround] = useState<string>(usualGround("police"));
  const [asked, setAsked] = useState(nothingAsked);
  const isPerson = asker === "person";

  async function give(given: Given) {
    const span = spanOf(asked);
    if (!span) throw new Refusal("BadInput", say("field.missing"), { field: "day" });
    const legal_basis = groundWords(ground, given["ground_more"] ?? "");
    const written = await write({
      kind: "disclosure",
      want: given["want"],
      asker: party(given),
      asker_kind: asker,
      use: "provision",
      purpose: given["purpose"],
      legal_basis,
      identity_check: given["identity_check"] ?? "",
      from_ms: span.fromMs,
      to_ms: span.toMs,
      remarks: given["remarks"] ?? "",
      emergency: false,
    });
    announce(say("case.written"));
    onWritten(written);
  }

  return (
    <Card id="new-disclosure" title={say("new.disclosure_title")} class="narrow">
      <Form id="new-disclosure-form" go={say("new.write_down")} onGive={give} onCancel={onCancel}>
        <Pick
          id="asker-kind"
          name="asker_kind"
          label={say("new.who")}
          options={ASKERS.map((kind) => ({ value: kind, words: say(`asker.${kind}`) }))}
          value={asker}
          onChange={(kind) => {
            setAsker(kind as AskerKind);
            setGround(usualGround(kind as AskerKind));
          }}
        />
        <div class="beside">
          {!isPerson && <Field id="asker-affiliation" name="asker.affiliation" label={say(asker === "police" ? "new.affiliation_police" : "new.affiliation")} autocomplete="off" required maxLength={LINE} />}
          <Field id="asker-name" name="asker.name" label={say("new.name")} autocomplete="off" required maxLength={LINE} />
          <Field id="asker-contact" name="asker.contact" label={say("new.contact")} autocomplete="off" required={isPerson} maxLength={LINE} />
          <Choice id="identity-check" name="identity_check" label={say("new.check")} required={isPerson}>
            <option value="">{say(isPerson ? "new.choose" : "new.unchecked")}</option>
            {checksFor(asker).map((check) => (
              <option key={check} value={say(`check.${check}`)}>
                {say(`check.${check}`)}
              </option>
            ))}
          </Choice>
        </div>
        <TimeField asked={asked} onChange={setAsked} />
        <div class="beside">
          <Choice id="case-want" name="want" label={say("new.want")}>
            {WANTS[asker].map((want) => (
              <option key={want} value={want}>
                {say(`want.${want}`)}
              </option>
            ))}
          </Choice>
          <Field id="case-purpose" name="purpose" label={say(asker === "police" ? "new.purpose_police" : "new.purpose")} autocomplete="off" required maxLength={LINE} />
          <Choice id="case-ground" name="ground" label={say("new.ground")} value={ground} onChange={setGround}>
            {GROUNDS.map((each) => (
              <option key={each} value={each}>
                {say(`ground.${each}`)}
              </option>
            ))}
          </Choice>
          {ground === "other" && <Field id="ground-more" name="ground_more" label={say("new.ground_other")} required maxLength={LINE} />}
        </div>
        <details>
          <summary>{say("new.more")}</summary>
          <div class="beside">
            {ground !== "other" && <Field name="ground_more" label={say("new.ground_more")} maxLength={LINE} />}
            <Field name="asker.address" label={say("new.address")} maxLength={LINE} />
            <Field name="asker.representative" label={say("new.representative")} maxLength={LINE} />
            <Field id="asker-recipient" name="asker.recipient" label={say("new.recipient")} hint={say("new.recipient_hint")} autocapitalize="none" spellcheck={false} maxLength={LINE} />
            <Field name="remarks" label={say("new.remarks")} maxLength={1000} />
          </div>
        </details>
        {told && (
          <p class="aside" id="answer-due">
            {say("new.due", { day: day(dueAfter(Date.now(), told.answer_days)), n: told.answer_days })}
          </p>
        )}
      </Form>
    </Card>
  );
}

/** One line each; what was not asked for is empty. */
export function party(given: Given): Record<string, string> {
  return Object.fromEntries(["name", "affiliation", "address", "contact", "representative", "recipient"].map((field) => [field, (given[`asker.${field}`] ?? "").trim()]));
}
