// What was done and what is still open, each a way back to its step; then the camera's page.
import { useState } from "preact/hooks";
import { tell } from "../camera/http";
import { sentence } from "../camera/refusal";
import { useWatched } from "../camera/watched";
import { Check } from "../pieces/Check";
import { Icon } from "../pieces/Icon";
import { Notice } from "../pieces/Notice";
import { go, link } from "../route";
import { say } from "../words/words";
import { FirstStart } from "./FirstStart";
import { Page } from "./Page";
import { note, setup, STEPS } from "./told";

export function SummaryStep() {
  const state = useWatched(setup);
  const [refused, setRefused] = useState("");
  // Switched on unless somebody switches it off: that is what the page recommends.
  const [automatic, setAutomatic] = useState(state?.updating !== "off");
  const open = STEPS.filter((step) => step !== "summary" && state?.steps?.[step] !== "done");
  async function end() {
    setRefused("");
    try {
      if (state?.updating) await tell("/api/setup/updates", { automatic }, "PUT");
      await note("summary");
      go("/");
    } catch (error) {
      setRefused(sentence(error));
    }
  }
  return (
    <Page step="summary" go={say("setup.end")} onGo={() => void end()}>
      <p>{say(open.length ? "setup.summary_open" : "setup.summary_done")}</p>
      <FirstStart />
      {state?.clock === 0 && <Notice kind="grave">{say("setup.clock_unset")}</Notice>}
      {state?.drawn && <Notice kind="grave">{say("setup.no_camera")}</Notice>}
      {state?.steps?.masks !== "done" && <Notice kind="seen">{say("setup.masks_until")}</Notice>}
      <ul class="setup-list">
        {STEPS.filter((step) => step !== "summary").map((step) => (
          <li key={step} data-state={state?.steps?.[step] ?? "open"}>
            <a href={link("/setup", { step })}>
              <span class="setup-tick" aria-hidden="true" />
              <span>{say(`setup.title.${step}`)}</span>
              <small>{say(state?.steps?.[step] === "done" ? "setup.done" : "setup.open")}</small>
              <Icon name="next" />
            </a>
          </li>
        ))}
      </ul>
      {state?.updating && (
        <Check id="setup-automatic" checked={automatic} onChange={(box) => setAutomatic(box.checked)}>
          {say("updates.automatic")}
        </Check>
      )}
      <p class="refusal" role="alert">
        {refused}
      </p>
    </Page>
  );
}
