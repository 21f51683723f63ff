// The recovery kit: shown once, printed or written down, and proved by typing a part of it back.
import { useState } from "preact/hooks";
import { octets } from "../camera/http";
import { Refusal } from "../camera/refusal";
import { Button } from "../pieces/Button";
import { Field } from "../pieces/Field";
import { Form, type Given } from "../pieces/Form";
import { Notice } from "../pieces/Notice";
import { SecretCode } from "../pieces/SecretCode";
import { day, say } from "../words/words";
import { KitProof, SecretRows } from "./KitProof";
import { Page } from "./Page";
import { useWatched } from "../camera/watched";
import { cameraId, made, note, setup, showNext } from "./told";

export function KitStep() {
  const owner = useWatched(made);
  const [proving, setProving] = useState(false);
  const [again, setAgain] = useState(false);
  if (setup.value?.steps?.kit === "done" && !again)
    return (
      <Page step="kit" go={say("setup.go_on")} onGo={() => showNext("kit")}>
        <Notice>{say("setup.kit_done")}</Notice>
        <Button id="setup-kit-again" onPress={() => setAgain(true)}>
          {say("setup.kit_again")}
        </Button>
      </Page>
    );
  if (!owner) return <OpenIdentity />;
  if (proving)
    return (
      <Page step="kit">
        <KitProof id="setup-kit" secret={owner.secret} onBack={() => setProving(false)} onProved={proved} />
      </Page>
    );
  return (
    <Page step="kit" go={say("setup.kit_kept")} onGo={() => setProving(true)} later={say("setup.later")}>
      <p>{say("setup.kit_text")}</p>
      <Sheet secret={owner.secret} recipient={owner.recipient} />
      <div class="actions">
        <Button id="setup-print" onPress={() => print()}>
          {say("setup.print")}
        </Button>
      </div>
      <p class="aside">{say("setup.kit_once")}</p>
    </Page>
  );
}

async function proved() {
  await note("kit");
  made.set(null);
  showNext("kit");
}

/** After a break the secret is taken out of its locked file again, here in the browser. */
function OpenIdentity() {
  async function open(given: Given) {
    const { secretIn } = await import("./identity");
    const { identityToRecipient } = await import("age-encryption");
    const locked = await octets("/api/setup/owner-key");
    const secret = await secretIn(locked, given["passphrase"] ?? "");
    if (!secret) throw new Refusal("BadInput", say("wrong_passphrase"), { field: "passphrase" });
    made.set({ secret, recipient: await identityToRecipient(secret), locked });
  }
  return (
    <Page step="kit" later={say("setup.later")}>
      <p>{say("setup.kit_open_text")}</p>
      <Form id="setup-kit-open" go={say("setup.kit_open")} going={say("setup.kit_opening")} onGive={open}>
        <Field id="setup-kit-passphrase" name="passphrase" label={say("passphrase")} type="password" autocomplete="current-password" required maxLength={1024} />
      </Form>
    </Page>
  );
}

function Sheet({ secret, recipient }: { secret: string; recipient: string }) {
  const commands = ["sudo apt install age python3-cryptography", "age-keygen -y key.txt", "", `python3 read_ring.py ${ring()} key.txt -o footage.mp4`, ""];
  return (
    <article id="kit-sheet" class="kit" aria-label={say("kit.title")}>
      <h2>{say("kit.title")}</h2>
      <p class="kit-warning">{say("kit.warning")}</p>
      <div class="kit-secret">
        <div>
          <h3>{say("kit.secret")}</h3>
          <SecretRows secret={secret} />
          <p class="hint">{say("kit.typing")}</p>
        </div>
        <SecretCode text={secret} />
      </div>
      <dl class="kit-facts">
        <dt>{say("kit.camera")}</dt>
        <dd>{cameraId()}</dd>
        <dt>{say("kit.recipient")}</dt>
        <dd>{recipient}</dd>
        <dt>{say("kit.ring")}</dt>
        <dd>{setup.value?.ring}</dd>
        <dt>{say("kit.made")}</dt>
        <dd>{day(Date.now())}</dd>
      </dl>
      <div class="kit-more">
        <h3>{say("kit.what_title")}</h3>
        <p>{say("kit.what")}</p>
        <h3>{say("kit.keep_title")}</h3>
        <p>{say("kit.keep")}</p>
        <h3>{say("kit.open_title")}</h3>
        <ol>
          {commands.map((command, index) => (
            <li key={index}>
              {say(`kit.step.${index + 1}`)}
              {command && <code>{command}</code>}
            </li>
          ))}
        </ol>
      </div>
    </article>
  );
}

const ring = (): string => setup.value?.ring.split("/").at(-1) ?? "ring.edgecam";
