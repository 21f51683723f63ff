// The dialogs of the installer session: opening it, its code, entering it, looking, and confirming the aim.
import { useEffect } from "preact/hooks";
import type { InstallerStanding } from "../../camera/answers";
import { tell } from "../../camera/http";
import { status } from "../../camera/told";
import { useWatched } from "../../camera/watched";
import { Button } from "../../pieces/Button";
import { CodeForm } from "../../pieces/CodeForm";
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
  return (
    <Sheet id="enter-code" title={say("enter_code_title")} onClose={close}>
      <CodeForm id="enter-code-form" field="code" label={say("code")} go={say("enter_code_go")} wrong={say("wrong_code")} autoFocus onGive={enter} onCancel={close} />
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
