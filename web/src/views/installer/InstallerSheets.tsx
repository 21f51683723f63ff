// The dialogs of the installer session: opening it, its code, entering it, looking, and confirming the aim.
import { useEffect } from "preact/hooks";
import type { InstallerStanding } from "../../camera/answers";
import { tell } from "../../camera/http";
import { status } from "../../camera/told";
import { useWatched } from "../../camera/watched";
import { Button } from "../../pieces/Button";
import { Field } from "../../pieces/Field";
import { Form, type Given } from "../../pieces/Form";
import { Sheet } from "../../pieces/Sheet";
import { say } from "../../words/words";
import { ConfirmAim } from "./ConfirmAim";
import { LetIn } from "./LetIn";
import { close, code, confirming, looking, open, sheet } from "./sheets";
import { Sight } from "./Sight";

interface SheetsProps {
  session: InstallerStanding | null;
}

export function InstallerSheets({ session }: SheetsProps) {
  const shown = useWatched(sheet);
  const looks = useWatched(looking);
  const asks = useWatched(confirming);
  const mine = session?.place === "installer";
  useEffect(() => {
    if (!mine) looking.set(false);
  }, [mine]);
  return (
    <>
      {shown === "let_in" && <LetIn session={session} />}
      {shown === "told_code" && <ToldCode />}
      {shown === "enter_code" && <EnterCode />}
      {looks && mine && <Sight viewer={session.opened_for} />}
      {asks && <ConfirmAim session={session} />}
    </>
  );
}

function ToldCode() {
  const told = useWatched(code);
  return (
    <Sheet id="told-code" title={say("told_code_title")} onClose={close}>
      <p>
        <output id="the-code" class="code">
          {told}
        </output>
      </p>
      <p class="aside">{say("told_code_text")}</p>
      <div class="actions">
        <Button id="look-here" onPress={() => void lookHere(told)}>
          {say("look_here")}
        </Button>
        <Button id="told-code-close" kind="main" onPress={close}>
          {say("close")}
        </Button>
      </div>
    </Sheet>
  );
}

function EnterCode() {
  const give = async (given: Given) => enter(given["code"] ?? "");
  return (
    <Sheet id="enter-code" title={say("enter_code_title")} onClose={close}>
      <Form id="enter-code-form" go={say("enter_code_go")} wrong={say("wrong_code")} onGive={give} onCancel={close}>
        <Field
          id="code"
          name="code"
          label={say("code")}
          class="code"
          autocomplete="one-time-code"
          autocapitalize="characters"
          spellcheck={false}
          required
          maxLength={40}
          autoFocus
        />
      </Form>
    </Sheet>
  );
}

async function lookHere(told: string): Promise<void> {
  await enter(told).catch(() => open("enter_code"));
}

async function enter(typed: string): Promise<void> {
  await tell("/api/installer/enter", { code: typed });
  close();
  await status.renew();
  looking.set(true);
}
