// Asks what to hold, why, and until when.
import { tell } from "../../camera/http";
import { Choice, Field } from "../../pieces/Field";
import { Form, type Given } from "../../pieces/Form";
import { Sheet } from "../../pieces/Sheet";
import { announce } from "../../pieces/Announcer";
import { say } from "../../words/words";

const MS_PER_DAY = 86_400_000;
const LONGEST = 200;
const MONTHS = [1, 3, 6, 12];

interface NewHoldProps {
  onDone: () => Promise<void>;
  onClose: () => void;
}

export function NewHold({ onDone, onClose }: NewHoldProps) {
  async function place({ from_ms, to_ms, months, ...given }: Given) {
    const until_ms = months ? Date.now() + Math.round(Number(months) * 30.44) * MS_PER_DAY : null;
    await tell("/api/holds", { ...given, from_ms: msOf(from_ms), to_ms: msOf(to_ms), until_ms });
    announce(say("hold.placed"));
    await onDone();
  }
  const nowMs = Date.now();
  return (
    <Sheet id="new-hold" title={say("hold.new_title")} onClose={onClose}>
      <Form id="new-hold-form" go={say("hold.go")} going={say("hold.going")} wrongFields={{ to_ms: say("hold.to_wrong") }} onGive={place} onCancel={onClose}>
        <Field id="hold-from" name="from_ms" label={say("hold.from")} type="datetime-local" step={1} required defaultValue={local(nowMs - 900_000)} autoFocus />
        <Field id="hold-to" name="to_ms" label={say("hold.to")} type="datetime-local" step={1} required defaultValue={local(nowMs)} />
        <Field id="hold-reason" name="reason" label={say("hold.reason")} required maxLength={LONGEST} />
        <Field name="asked_by" label={say("hold.asked_by")} maxLength={LONGEST} />
        <Field name="case" label={say("hold.case")} maxLength={LONGEST} />
        <Choice name="months" label={say("hold.until")}>
          <option value="">{say("hold.as_original")}</option>
          {MONTHS.map((n) => (
            <option key={n} value={n}>
              {say("hold.months", { n })}
            </option>
          ))}
        </Choice>
      </Form>
    </Sheet>
  );
}

/** What an input of date and time takes, in the browser's own zone. */
function local(ms: number): string {
  const shifted = ms - new Date(ms).getTimezoneOffset() * 60_000;
  return new Date(shifted).toISOString().slice(0, 19);
}

const msOf = (typed = ""): number => new Date(typed).getTime();
