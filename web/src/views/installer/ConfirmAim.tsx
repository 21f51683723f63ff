// The owner, or an installer inside a session, says that the camera looks where it should.
import type { InstallerStanding } from "../../camera/answers";
import { tell } from "../../camera/http";
import { secretAgain } from "../../camera/signedin";
import { status } from "../../camera/told";
import { announce } from "../../pieces/Announcer";
import { Form, type Given } from "../../pieces/Form";
import { PassphraseAgain } from "../../pieces/PassphraseAgain";
import { Sheet } from "../../pieces/Sheet";
import { say } from "../../words/words";
import { confirming } from "./sheets";

export function ConfirmAim({ session }: { session: InstallerStanding | null }) {
  const byCode = session?.place === "installer";
  const leave = () => confirming.set(false);
  async function confirm({ passphrase }: Given) {
    await tell("/api/aim/confirm", passphrase === undefined ? {} : { secret: await secretAgain(passphrase) });
    announce(say("confirmed"));
    leave();
    await status.renew();
  }
  return (
    <Sheet id="confirm-aim" title={say("confirm_title")} onClose={leave}>
      <Form id="confirm-aim-form" go={say("confirm_go")} wrong={say("wrong_again")} onGive={confirm} onCancel={leave}>
        <p>{say("confirm_text")}</p>
        {!byCode && (
          <PassphraseAgain id="confirm-passphrase" autoFocus />
        )}
      </Form>
    </Sheet>
  );
}
