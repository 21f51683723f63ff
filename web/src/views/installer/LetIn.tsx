// The owner lets one person see the picture without masks for some minutes.
import type { InstallerStanding } from "../../camera/answers";
import { tell } from "../../camera/http";
import { secretAgain } from "../../camera/signedin";
import { status } from "../../camera/told";
import { Choice, Field } from "../../pieces/Field";
import { Form, type Given } from "../../pieces/Form";
import { PassphraseAgain } from "../../pieces/PassphraseAgain";
import { Sheet } from "../../pieces/Sheet";
import { say } from "../../words/words";
import { close, code, open } from "./sheets";

const LONGEST_MIN = 15;

export function LetIn({ session }: { session: InstallerStanding | null }) {
  async function letIn({ passphrase = "", ...given }: Given) {
    const told = { ...given, minutes: Number(given["minutes"]), secret: await secretAgain(passphrase) };
    const opened = await tell<{ code: string }>("/api/installer/open", told);
    code.set(opened.code.replace(/(....)/, "$1 "));
    open("told_code");
    await status.renew();
  }
  return (
    <Sheet id="let-in" title={say("let_in_title")} onClose={close}>
      <Form
        id="let-in-form"
        go={say("let_in_go")}
        wrong={session ? say("session_stands") : say("wrong_again")}
        onGive={letIn}
        onCancel={close}
      >
        <p>{say("let_in_text")}</p>
        <Field id="opened-for" name="opened_for" label={say("installers_name")} autocomplete="off" required maxLength={80} autoFocus />
        <Choice id="why" name="why" label={say("what_for")}>
          <option value="masks">{say("why.masks")}</option>
          <option value="aim">{say("why.aim")}</option>
        </Choice>
        <Field id="minutes" name="minutes" label={say("minutes_long")} type="number" inputMode="numeric" min={1} max={LONGEST_MIN} defaultValue={LONGEST_MIN} required />
        <PassphraseAgain id="let-in-passphrase" />
      </Form>
    </Sheet>
  );
}
