// The owner's passphrase: chosen, repeated, and turned into an owner in this browser; the camera never learns it.
import { useId, useState } from "preact/hooks";
import { tell } from "../camera/http";
import { Refusal } from "../camera/refusal";
import { Button } from "../pieces/Button";
import { Check } from "../pieces/Check";
import { Field } from "../pieces/Field";
import { Form, type Given } from "../pieces/Form";
import { Notice } from "../pieces/Notice";
import { lasting, number, say } from "../words/words";
import { Page } from "./Page";
import { MIN_LENGTH, strengthOf } from "./strength";
import { suggestion } from "./suggestion";
import { deriveSecret, made, renew, setup, showNext, signInAgain } from "./told";

const YEAR_S = 365.25 * 86_400;
const LIFETIME_YEARS = 100;

export function OwnerStep() {
  if (setup.value?.owned)
    return (
      <Page step="owner" go={say("setup.go_on")} onGo={() => showNext("owner")}>
        <Notice>{say("setup.owner_done")}</Notice>
      </Page>
    );
  return <ChoosePassphrase />;
}

function ChoosePassphrase() {
  const [typed, setTyped] = useState("");
  const [seen, setSeen] = useState(false);
  const shown = seen ? "text" : "password";

  async function own(given: Given) {
    const passphrase = given["passphrase"] ?? "";
    if (strengthOf(passphrase).level === "short") throw wrong("passphrase", "setup.too_short");
    if (strengthOf(passphrase).level === "weak") throw wrong("passphrase", "setup.too_weak");
    if (passphrase.normalize("NFKC") !== (given["again"] ?? "").normalize("NFKC")) throw wrong("again", "setup.not_the_same");
    await painted();
    const secret = await deriveSecret(passphrase);
    // Made once: a try whose answer was lost is made again with the same identity.
    const owner = made.value ?? (await (await import("./identity")).makeOwner(passphrase));
    made.set(owner);
    await becomeOwner(owner.recipient, base64(owner.locked), secret);
    await renew();
    showNext("owner");
  }

  return (
    <Page step="owner">
      <p>{say("setup.owner_text")}</p>
      <Form id="setup-owner-form" go={say("setup.owner_go")} going={say("setup.owner_going")} onGive={own}>
        <input class="unseen" name="username" autocomplete="username" value="owner" readOnly tabIndex={-1} aria-hidden="true" />
        <Field
          id="setup-passphrase"
          name="passphrase"
          label={say("passphrase")}
          hint={say("setup.passphrase_hint", { n: MIN_LENGTH })}
          type={shown}
          autocomplete="new-password"
          autocapitalize="none"
          spellcheck={false}
          required
          maxLength={1024}
          value={typed}
          onInput={(event) => {
            made.set(null);
            setTyped(event.currentTarget.value);
          }}
        />
        <Meter typed={typed} />
        <Field id="setup-passphrase-twice" name="again" label={say("setup.again")} type={shown} autocomplete="new-password" autocapitalize="none" spellcheck={false} required maxLength={1024} />
        <div class="setup-aside">
          <Check checked={seen} onChange={(box) => setSeen(box.checked)}>
            {say("setup.show_it")}
          </Check>
          <Button
            id="setup-suggest"
            onPress={() => {
              made.set(null);
              setTyped(suggestion());
              setSeen(true);
            }}
          >
            {say("setup.suggest")}
          </Button>
        </div>
        <p class="aside">{say("setup.owner_promise")}</p>
      </Form>
    </Page>
  );
}

/** What the strength means, said in words as well as shown. */
function Meter({ typed }: { typed: string }) {
  const named = useId();
  const { level, bits, seconds } = strengthOf(typed);
  return (
    <div class="setup-meter" data-level={level}>
      <div class="setup-bar" role="img" aria-labelledby={named}>
        <svg viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true">
          <rect class="track" width="100" height="6" rx="3" />
          <rect class="fill" width={Math.min(100, Math.round((bits / 70) * 100))} height="6" rx="3" />
        </svg>
      </div>
      <p id={named} class="hint" role="status">
        {say(`setup.level.${level}`)}
        {level !== "none" && level !== "short" && ` ${say("setup.would_take", { time: howLong(seconds) })}`}
      </p>
    </div>
  );
}

function howLong(seconds: number): string {
  if (seconds < YEAR_S) return lasting(Math.max(1, seconds));
  const years = seconds / YEAR_S;
  return years > LIFETIME_YEARS ? say("setup.lifetime") : say("setup.years", { n: number(years, { maximumFractionDigits: 0 }) });
}

async function becomeOwner(recipient: string, locked: string, secret: string): Promise<void> {
  try {
    await tell("/api/setup/owner", { recipient, locked, secret });
  } catch (error) {
    // Either its answer was lost and we are the owner, or somebody else is: signing in will tell.
    if (!(error instanceof Refusal) || !["Unreachable", "NotAllowed"].includes(error.kind)) throw error;
    try {
      await signInAgain();
      return;
    } catch {
      throw error;
    }
  }
  await signInAgain();
}

function wrong(field: string, key: string): Refusal {
  return new Refusal("BadInput", say(key), { field });
}

/** Wait until the page shows that something is under way: making an owner keeps it from drawing. */
const painted = () => new Promise((then) => requestAnimationFrame(() => setTimeout(then, 30)));

function base64(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes));
}
