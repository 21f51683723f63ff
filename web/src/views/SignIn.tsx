// The way in: a name and a passphrase, of which only what it becomes leaves this browser, or a passkey.
import { useEffect, useState } from "preact/hooks";
import type { Welcome } from "../camera/answers";
import { canUsePasskeys } from "../camera/passkey";
import { sentence } from "../camera/refusal";
import { accountName, ended, signIn, signInByPasskey } from "../camera/signedin";
import { canDerive } from "../camera/signinsecret";
import { useWatched } from "../camera/watched";
import { Button } from "../pieces/Button";
import { Field } from "../pieces/Field";
import { Form, type Given } from "../pieces/Form";
import { Icon } from "../pieces/Icon";
import { Notice } from "../pieces/Notice";
import { say } from "../words/words";
import { Languages } from "./shell/Languages";

export function SignIn({ met }: { met: Welcome }) {
  const why = useWatched(ended);
  useEffect(() => {
    document.title = `${say("sign_in")} · ${met.camera_name}`;
  });
  return (
    <main class="alone" id="sign-in">
      <div class="brand">
        <img src="/static/icon.svg" width={48} height={48} alt="" />
        <div>
          <h1>{met.camera_name}</h1>
          <p class="hint">{say("sign_in_text")}</p>
        </div>
      </div>
      {why && <Notice>{say(`ended.${why}`)}</Notice>}
      {met.accounts !== "ready" && <Notice kind="grave">{say(`accounts.${met.accounts}`)}</Notice>}
      {canDerive() ? <SignInForm /> : <NoWebCrypto />}
      <Languages />
    </main>
  );
}

function SignInForm() {
  const [name, setName] = useState(remembered());
  const [refused, setRefused] = useState("");
  const [busy, setBusy] = useState(false);
  async function give(given: Given) {
    setRefused("");
    await signIn(given["name"] ?? "", given["passphrase"] ?? "");
    remember(accountName(given["name"] ?? ""));
  }
  async function byPasskey() {
    setBusy(true);
    await signInByPasskey().catch((error: unknown) => setRefused(sentence(error, say("wrong_passkey"))));
    setBusy(false);
  }
  return (
    <section class="card" aria-label={say("sign_in")}>
      <Form id="sign-in-form" go={say("sign_in")} going={say("signing_in")} wrong={say("wrong_sign_in")} onGive={give}>
        <Field
          id="account"
          name="name"
          label={say("account_name")}
          autocomplete="username"
          autocapitalize="none"
          spellcheck={false}
          required
          maxLength={80}
          value={name}
          onInput={(event) => setName(event.currentTarget.value)}
          autoFocus={!name}
        />
        <Field
          id="sign-in-passphrase"
          name="passphrase"
          label={say("passphrase_any")}
          type="password"
          autocomplete="current-password"
          required
          maxLength={1024}
          autoFocus={Boolean(name)}
        />
        <p class="aside">{say("sign_in_promise")}</p>
      </Form>
      {canUsePasskeys() && (
        <div class="or">
          <Button id="passkey" busy={busy} onPress={() => void byPasskey()}>
            <Icon name="key" />
            {say("sign_in_passkey")}
          </Button>
          <p class="refusal" role="alert">
            {refused}
          </p>
        </div>
      )}
    </section>
  );
}

/** Without WebCrypto the passphrase would have to be sent: the page does not do that. */
function NoWebCrypto() {
  const address = `https://${location.hostname}${location.port ? `:${location.port}` : ""}`;
  return (
    <Notice id="no-webcrypto" kind="grave" title={say("no_webcrypto_title")}>
      <p>{isSecureContext ? say("no_webcrypto_old") : say("no_webcrypto_address", { address })}</p>
    </Notice>
  );
}

const KEPT = "account";

function remembered(): string {
  try {
    return localStorage.getItem(KEPT) ?? "owner";
  } catch {
    return "owner"; // storage is forbidden: most homes have one account
  }
}

function remember(name: string): void {
  try {
    localStorage.setItem(KEPT, name);
  } catch {
    // storage is forbidden: the name is typed again next time
  }
}
