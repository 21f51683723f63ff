// Ends a hold before its time, for good.
import type { Hold } from "../../camera/answers";
import { tell } from "../../camera/http";
import { secretAgain } from "../../camera/signedin";
import { announce } from "../../pieces/Announcer";
import { Field } from "../../pieces/Field";
import { Form, type Given } from "../../pieces/Form";
import { PassphraseAgain } from "../../pieces/PassphraseAgain";
import { Sheet } from "../../pieces/Sheet";
import { dayAndTime, say } from "../../words/words";

interface ReleaseProps {
  hold: Hold;
  onDone: () => Promise<void>;
  onClose: () => void;
}

export function ReleaseHold({ hold, onDone, onClose }: ReleaseProps) {
  async function release({ reason, passphrase = "" }: Given) {
    await tell(`/api/holds/${hold.hold_id}`, { reason, secret: await secretAgain(passphrase) }, "DELETE");
    announce(say("hold.released"));
    await onDone();
  }
  return (
    <Sheet id="release-hold" title={say("hold.release_title")} onClose={onClose}>
      <Form id="release-hold-form" kind="grave" go={say("hold.release")} wrong={say("wrong_again")} onGive={release} onCancel={onClose}>
        <p>{say("hold.release_text", { span: `${dayAndTime(hold.from_ms)} – ${dayAndTime(hold.to_ms)}` })}</p>
        <Field id="release-reason" name="reason" label={say("hold.why_release")} required maxLength={200} autoFocus />
        <PassphraseAgain />
      </Form>
    </Sheet>
  );
}
