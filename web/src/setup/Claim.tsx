// The first door of a new camera: the code on its label, so that nobody else in the neighbourhood can own it.
import { useState } from "preact/hooks";
import { tell } from "../camera/http";
import { Refusal } from "../camera/refusal";
import { Button } from "../pieces/Button";
import { CodeForm } from "../pieces/CodeForm";
import { Notice } from "../pieces/Notice";
import { go, useRoute } from "../route";
import { say } from "../words/words";
import { Languages } from "../views/shell/Languages";
import { renew } from "./told";

const TAKEN = 409;

export function Claim() {
  const { query } = useRoute();
  const [taken, setTaken] = useState("");
  async function claim(code: string, over: boolean) {
    try {
      await tell("/api/setup/claim", { code, take_over: over });
    } catch (error) {
      if (error instanceof Refusal && error.status === TAKEN) return setTaken(code);
      throw error;
    }
    go("/setup", {}, true);
    await renew();
  }
  return (
    <section class="setup-page" id="setup-claim">
      <div class="brand">
        <img src="/static/icon.svg" width={48} height={48} alt="" />
        <h1>{say("setup.welcome")}</h1>
      </div>
      <p>{say("setup.welcome_text")}</p>
      {taken ? (
        <Notice id="setup-taken" kind="seen" title={say("setup.taken_title")}>
          <p>{say("setup.taken_text")}</p>
          <div class="actions">
            <Button id="setup-take-over" kind="main" onPress={() => void claim(taken, true).catch(() => setTaken(""))}>
              {say("setup.take_over")}
            </Button>
          </div>
        </Notice>
      ) : (
        <CodeForm
          id="setup-claim-form"
          field="setup-code"
          label={say("setup.code")}
          hint={say("setup.code_hint")}
          go={say("setup.begin")}
          wrong={say("setup.wrong_code")}
          known={query.get("code") ?? ""}
          onGive={(code) => claim(code, false)}
        />
      )}
      <Languages />
    </section>
  );
}
