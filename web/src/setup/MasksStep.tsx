// What is never to be recorded: the editor, or the decision that nothing is to be hidden, with its reason.
import { useState } from "preact/hooks";
import { tell } from "../camera/http";
import { Button } from "../pieces/Button";
import { Field } from "../pieces/Field";
import { Form, type Given } from "../pieces/Form";
import { Notice } from "../pieces/Notice";
import { go } from "../route";
import { say } from "../words/words";
import { Page } from "./Page";
import { renew, setup, showNext } from "./told";

export function MasksStep() {
  const [nothing, setNothing] = useState(false);
  if (setup.value?.steps?.masks === "done")
    return (
      <Page step="masks" go={say("setup.go_on")} onGo={() => showNext("masks")}>
        <Notice id="setup-masks-done">{say("setup.masks_done")}</Notice>
        <div class="actions">
          <Button id="setup-masks-open" onPress={() => go("/masks")}>
            {say("setup.masks_open")}
          </Button>
        </div>
      </Page>
    );
  async function decide(given: Given) {
    await tell("/api/setup/nothing-to-hide", { reason: given["reason"] });
    await renew();
    showNext("masks");
  }
  return (
    <Page step="masks" later={say("setup.later_masked")}>
      <p>{say("setup.masks_text")}</p>
      <Notice kind="seen">{say("setup.masks_until")}</Notice>
      <div class="actions setup-wide">
        <Button id="setup-masks-open" kind="main" onPress={() => go("/masks")}>
          {say("setup.masks_open")}
        </Button>
        <Button id="setup-nothing" pressed={nothing} onPress={() => setNothing(!nothing)}>
          {say("setup.nothing")}
        </Button>
      </div>
      {nothing && (
        <Form id="setup-nothing-form" go={say("setup.nothing_go")} kind="grave" onGive={decide} onCancel={() => setNothing(false)}>
          <p>{say("setup.nothing_text")}</p>
          <Field id="setup-reason" name="reason" label={say("setup.reason")} hint={say("setup.reason_hint")} required minLength={3} maxLength={200} />
        </Form>
      )}
    </Page>
  );
}
