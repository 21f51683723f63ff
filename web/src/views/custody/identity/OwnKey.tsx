// An operator's own key: made in this browser, locked under their passphrase, and put on paper once.
import { useState } from "preact/hooks";
import { tell } from "../../../camera/http";
import { cameraId, secretAgain, visitor } from "../../../camera/signedin";
import { announce } from "../../../pieces/Announcer";
import { Button } from "../../../pieces/Button";
import { Card } from "../../../pieces/Card";
import { Form, type Given } from "../../../pieces/Form";
import { PassphraseAgain } from "../../../pieces/PassphraseAgain";
import { SecretCode } from "../../../pieces/SecretCode";
import { KitProof, SecretRows } from "../../../setup/KitProof";
import "../../../setup/setup.css";
import { day, say } from "../../../words/words";
import { ownKey, useOwnKey } from "./ownkey";

interface Made {
  secret: string;
  recipient: string;
}

/** Shown to an operator until they have a key, and until its paper is kept. */
export function OwnKey() {
  const key = useOwnKey();
  const [made, setMade] = useState<Made | null>(null);
  const [proving, setProving] = useState(false);
  if (made && proving)
    return (
      <Card id="own-kit-proof" title={say("kit.title")}>
        <KitProof id="own-kit" secret={made.secret} onBack={() => setProving(false)} onProved={() => setMade(null)} />
      </Card>
    );
  if (made) return <Kit made={made} onKept={() => setProving(true)} />;
  return key === "none" && visitor.value?.role === "operator" ? <Make onMade={setMade} /> : null;
}

function Make({ onMade }: { onMade: (made: Made) => void }) {
  async function make(given: Given) {
    const passphrase = given["passphrase"] ?? "";
    await painted();
    const secret = await secretAgain(passphrase);
    const { makeOwner } = await import("../../../setup/identity");
    const { secret: own, recipient, locked } = await makeOwner(passphrase);
    await tell("/api/identity", { locked: btoa(String.fromCharCode(...locked)), recipient, secret }, "PUT");
    onMade({ secret: own, recipient });
    await ownKey.renew();
    announce(say("identity.made"));
  }
  return (
    <Card id="own-key" title={say("identity.title")}>
      <p>{say("identity.text")}</p>
      <Form id="own-key-form" go={say("identity.make")} going={say("identity.making")} wrong={say("wrong_again")} onGive={make}>
        <PassphraseAgain id="own-key-passphrase" />
      </Form>
    </Card>
  );
}

function Kit({ made, onKept }: { made: Made; onKept: () => void }) {
  return (
    <Card id="own-kit" title={say("kit.title")}>
      <article id="kit-sheet" class="kit" aria-label={say("kit.title")}>
        <p class="kit-warning">{say("identity.kit_warning")}</p>
        <div class="kit-secret">
          <SecretRows secret={made.secret} />
          <SecretCode text={made.secret} />
        </div>
        <dl class="kit-facts">
          <dt>{say("kit.camera")}</dt>
          <dd>{cameraId()}</dd>
          <dt>{say("account_name")}</dt>
          <dd>{visitor.value?.name}</dd>
          <dt>{say("kit.recipient")}</dt>
          <dd>{made.recipient}</dd>
          <dt>{say("kit.made")}</dt>
          <dd>{day(Date.now())}</dd>
        </dl>
      </article>
      <div class="actions">
        <Button onPress={() => print()}>{say("setup.print")}</Button>
        <Button id="own-kit-kept" kind="main" onPress={onKept}>
          {say("setup.kit_kept")}
        </Button>
      </div>
      <p class="aside">{say("setup.kit_once")}</p>
    </Card>
  );
}

/** Wait until the page shows that something is under way: making a key keeps it from drawing. */
const painted = () => new Promise((then) => requestAnimationFrame(() => setTimeout(then, 30)));
