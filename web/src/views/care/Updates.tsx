// Which version runs, until when it is kept secure, which one waits, and what the owner orders about it.
import type { UpdateOrder, UpdatesShown, Version } from "../../camera/answers";
import { ask, tell } from "../../camera/http";
import { sentence } from "../../camera/refusal";
import { visitor } from "../../camera/signedin";
import { updates } from "../../camera/told";
import { useWatched } from "../../camera/watched";
import { useEffect, useState } from "preact/hooks";
import { Button } from "../../pieces/Button";
import { Card } from "../../pieces/Card";
import { Check } from "../../pieces/Check";
import { Notice } from "../../pieces/Notice";
import { Tiles } from "../../pieces/Tile";
import { day, moment, say } from "../../words/words";

const hour = (ms: number): string => moment(ms, { month: "short", day: "numeric", hour: "2-digit", minute: "2-digit" });

export function Updates({ id }: { id: string }) {
  const [told, setTold] = useState<Version | null>(null);
  const shown = useWatched(updates).answer;
  const owns = useWatched(visitor)?.role === "owner";
  useEffect(() => {
    ask<Version>("/api/version").then(setTold, () => {}); // the notice above says when the camera is away
  }, []);
  return (
    <Card id={id} title={say("care.updates")}>
      <Tiles
        figures={[
          { label: say("updates.version"), value: shown?.version ?? told?.version ?? "–" },
          ...(shown?.waiting ? [{ label: say("updates.waiting"), value: shown.waiting }] : []),
          ...(told?.supported_until ? [{ label: say("updates.until"), value: told.supported_until }] : []),
        ]}
      />
      {shown?.takes && <Standing shown={shown} />}
      {shown?.takes && shown.has_source && owns && <Orders shown={shown} />}
      {told?.security_contact && (
        <p class="hint">{say("updates.report", { contact: told.security_contact.replace(/^(mailto|tel):/, "") })}</p>
      )}
      <p class="hint">{say("updates.how")}</p>
    </Card>
  );
}

/** What was found, when it is installed, and what came to nothing. */
function Standing({ shown }: { shown: UpdatesShown }) {
  const { refused, failed, problem, looked_ms: looked } = shown;
  return (
    <>
      <p id="updates-standing" aria-live="polite">
        {standing(shown)}
      </p>
      {refused && <Notice kind="grave">{say("updates.refused", { version: refused.version, why: refused.why })}</Notice>}
      {failed && !shown.installing && <Notice kind="grave">{say("updates.failed", { version: failed.version || shown.waiting, why: failed.why })}</Notice>}
      {shown.has_source && problem && <p class="refusal">{say("updates.problem", { time: hour(looked ?? 0), problem })}</p>}
    </>
  );
}

function standing(shown: UpdatesShown): string {
  const { waiting, installs_ms: installs, deferred_until_ms: deferred, looked_ms: looked } = shown;
  if (shown.installing) return say("updates.installing");
  if (shown.ordered) return say("updates.ordered");
  if (!shown.has_source) return say("updates.no_source");
  if (!waiting) return looked ? say("updates.none", { time: hour(looked) }) : say("updates.never");
  const off = deferred ? `${say("updates.put_off", { time: hour(deferred) })} ` : "";
  return off + (installs ? say("updates.by_itself", { time: hour(installs) }) : say("updates.by_hand"));
}

/** What the owner may have done now, and what is to happen by itself from now on. */
function Orders({ shown }: { shown: UpdatesShown }) {
  const busy = Boolean(shown.ordered || shown.installing);
  const [refused, setRefused] = useState("");
  async function give(path: string, body: unknown, method: "POST" | "PUT" = "POST") {
    setRefused("");
    try {
      await tell(path, body, method);
    } catch (error) {
      setRefused(sentence(error));
    }
    await updates.renewAfter();
  }
  const button = (order: UpdateOrder, kind: "quiet" | "main" = "quiet") => (
    <Button key={order} id={`updates-${order}`} kind={kind} disabled={busy} onPress={() => void give("/api/updates/order", { order })}>
      {say(`updates.order.${order}`)}
    </Button>
  );
  async function choose(name: "automatic" | "notices", box: HTMLInputElement) {
    await give("/api/setup/updates", { [name]: box.checked }, "PUT");
    box.checked = updates.value.answer?.[name] ?? box.checked; // as it stands now, also where it was refused
  }
  const check = (name: "automatic" | "notices") => (
    <p key={name}>
      <Check id={`updates-${name}`} checked={shown[name]} onChange={(box) => void choose(name, box)}>
        {say(`updates.${name}`)}
      </Check>
    </p>
  );
  return (
    <>
      {shown.waiting && <p class="hint">{say("updates.restarts")}</p>}
      {shown.waiting && <p class="hint">{shown.last_ms ? say("updates.last", { day: day(shown.last_ms) }) : say("updates.longest")}</p>}
      <div class="actions">
        {button("check")}
        {shown.waiting && (shown.deferred_until_ms ? [button("resume")] : [button("defer_day"), button("defer_week")])}
        {shown.waiting && button("install", "main")}
      </div>
      <p class="refusal" role="alert">
        {refused}
      </p>
      {check("automatic")}
      {check("notices")}
    </>
  );
}
