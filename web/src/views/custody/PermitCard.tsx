// That footage may be looked at now, until when, and the way to it.
import { status } from "../../camera/told";
import { useWatched } from "../../camera/watched";
import { Card } from "../../pieces/Card";
import { link } from "../../route";
import { dayAndTime, lasting, say } from "../../words/words";
import type { Case } from "./answers";
import { spanWords } from "./wording";

export function PermitCard({ one }: { one: Case }) {
  const nowMs = useWatched(status).answer?.now_ms ?? Date.now();
  if (one.kind !== "look" || one.from_ms === null || one.to_ms === null || !one.decision?.permitted) return null;
  const untilMs = one.decision.permit_until_ms;
  return (
    <Card id="permit" title={say("permit.title")}>
      <p>{say("permit.span", { name: one.asked_by, span: spanWords(one.from_ms, one.to_ms) })}</p>
      {untilMs ? <p class="hint">{say("permit.until", { time: dayAndTime(untilMs), left: lasting((untilMs - nowMs) / 1000) })}</p> : null}
      {one.mine && (
        <div class="actions start">
          <a id="permit-watch" class="button main" href={link("/footage", { at: one.from_ms })}>
            {say("permit.watch")}
          </a>
        </div>
      )}
    </Card>
  );
}
