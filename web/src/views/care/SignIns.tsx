// Where somebody is signed in, each ended with a press; and the passkeys of whoever looks.
import { useState } from "preact/hooks";
import type { PasskeyShown, SignInSession } from "../../camera/answers";
import { tell } from "../../camera/http";
import { useListed } from "../../camera/listed";
import { canUsePasskeys } from "../../camera/passkey";
import { recognise } from "../../camera/signedin";
import { Button } from "../../pieces/Button";
import { Card } from "../../pieces/Card";
import { Listed } from "../../pieces/Listed";
import { day, dayAndTime, say } from "../../words/words";
import { NewPasskey } from "./NewPasskey";
import { RemovePasskey } from "./RemovePasskey";

export function SignIns({ id }: { id: string }) {
  const { items, failed, renew } = useListed<SignInSession[]>("/api/sign-ins");
  async function end(session: SignInSession) {
    await tell(`/api/sign-ins/${encodeURIComponent(session.session_id)}`, {}, "DELETE").catch(() => {}); // the list says what stands
    if (session.mine) await recognise().catch(() => {});
    else await renew();
  }
  return (
    <Card id={id} title={say("care.sign_ins")}>
      <Listed items={items} failed={failed} none="" />
      <ul class="lines" id="sign-ins-list">
        {items?.map((session) => (
          <li key={session.session_id} class="row">
            <div>
              <p>
                <strong>{session.name}</strong>
                {session.mine && <span class="hint">{` · ${say("sign_ins.this")}`}</span>}
              </p>
              <p class="hint">{[session.browser, session.system, session.address].filter(Boolean).join(" · ")}</p>
              <p class="hint">{say("sign_ins.since", { time: dayAndTime(session.since_ms) })}</p>
            </div>
            <Button label={say("sign_ins.end_named", { name: session.name })} onPress={() => void end(session)}>
              {say("sign_ins.end")}
            </Button>
          </li>
        ))}
      </ul>
      <Passkeys />
    </Card>
  );
}

function Passkeys() {
  const { items, failed, renew } = useListed<PasskeyShown[]>("/api/passkeys");
  const [shown, setShown] = useState<"new" | PasskeyShown | null>(null);
  const leave = () => setShown(null);
  const done = async () => {
    leave();
    await renew();
  };
  return (
    <>
      <div class="card-head">
        <h3>{say("passkeys")}</h3>
        {canUsePasskeys() && (
          <Button id="passkey-open" onPress={() => setShown("new")}>
            {say("passkey.new")}
          </Button>
        )}
      </div>
      {!canUsePasskeys() && <p class="hint">{say("passkey.not_here")}</p>}
      <Listed items={items} failed={failed} none={say("passkey.none")} />
      <ul class="lines">
        {items?.map((passkey) => (
          <li key={passkey.passkey_id} class="row">
            <div>
              <p>
                <strong>{passkey.label}</strong>
              </p>
              <p class="hint">{`${passkey.host} · ${day(passkey.made_ms)}`}</p>
            </div>
            <Button label={say("passkey.remove_named", { label: passkey.label })} onPress={() => setShown(passkey)}>
              {say("passkey.remove")}
            </Button>
          </li>
        ))}
      </ul>
      {shown === "new" && <NewPasskey onDone={done} onClose={leave} />}
      {shown && shown !== "new" && <RemovePasskey passkey={shown} onClose={leave} />}
    </>
  );
}
