// A complaint or an inquiry, from whoever it came: written down at once, answered later.
import { useWatched } from "../../camera/watched";
import { announce } from "../../pieces/Announcer";
import { Card } from "../../pieces/Card";
import { Field } from "../../pieces/Field";
import { Form, type Given } from "../../pieces/Form";
import { day, say } from "../../words/words";
import type { Case } from "./answers";
import { TextField } from "./TextField";
import { dueAfter } from "./times";
import { policy, write } from "./told";
import { party } from "./NewDisclosure";

const LINE = 200;

export function NewComplaint({ onWritten, onCancel }: { onWritten: (written: Case) => void; onCancel: () => void }) {
  const told = useWatched(policy).answer;
  async function give(given: Given) {
    const written = await write({
      kind: "complaint",
      want: "nothing",
      asker: party(given),
      asker_kind: "other",
      use: "within",
      purpose: "",
      legal_basis: "",
      identity_check: "",
      from_ms: null,
      to_ms: null,
      remarks: given["remarks"] ?? "",
      emergency: false,
    });
    announce(say("case.written"));
    onWritten(written);
  }
  return (
    <Card id="new-complaint" title={say("new.complaint_title")} class="narrow">
      <Form id="new-complaint-form" go={say("new.write_down")} onGive={give} onCancel={onCancel}>
        <TextField id="complaint-text" name="remarks" label={say("new.complaint_text")} required maxLength={1000} />
        <div class="beside">
          <Field id="complaint-name" name="asker.name" label={say("new.name_if_told")} autocomplete="off" maxLength={LINE} />
          <Field id="complaint-contact" name="asker.contact" label={say("new.contact")} autocomplete="off" maxLength={LINE} />
        </div>
        {told && <p class="aside">{say("new.due", { day: day(dueAfter(Date.now(), told.answer_days)), n: told.answer_days })}</p>}
      </Form>
    </Card>
  );
}
