// Footage that is kept longer than the policy: what is held, why and until when; a new hold, and the end of one.
import { useState } from "preact/hooks";
import type { Hold } from "../../camera/answers";
import { useListed } from "../../camera/listed";
import { visitor } from "../../camera/signedin";
import { useWatched } from "../../camera/watched";
import { Button } from "../../pieces/Button";
import { Card } from "../../pieces/Card";
import { Listed } from "../../pieces/Listed";
import { link } from "../../route";
import { day, dayAndTime, say, size } from "../../words/words";
import { NewHold } from "./NewHold";
import { ReleaseHold } from "./ReleaseHold";

export function Holds({ id }: { id: string }) {
  const { items, failed, renew } = useListed<Hold[]>("/api/holds");
  const [shown, setShown] = useState<"new" | Hold | null>(null);
  const owns = useWatched(visitor)?.role === "owner";
  const done = async () => {
    setShown(null);
    await renew();
  };
  return (
    <Card
      id={id}
      title={say("care.holds")}
      head={
        owns && (
          <Button id="hold-open" onPress={() => setShown("new")}>
            {say("hold.new")}
          </Button>
        )
      }
    >
      <p class="hint">{say("hold.text")}</p>
      <Listed items={items} failed={failed} none={say("hold.none")} />
      <ul class="lines" id="holds-list">
        {items?.map((hold) => (
          <li key={hold.hold_id}>
            <p>
              <strong>{hold.reason}</strong>
            </p>
            <p>{`${dayAndTime(hold.from_ms)} – ${dayAndTime(hold.to_ms)}`}</p>
            <p class="hint">{[say("hold.by", { name: hold.decided_by }), size(hold.size_bytes), hold.asked_by, hold.case].filter(Boolean).join(" · ")}</p>
            <p class={hold.review_is_due ? "refusal" : "hint"}>
              {`${say("hold.ends", { day: day(hold.ends_ms) })} · ${say(hold.review_is_due ? "hold.review_due" : "hold.review", { day: day(hold.review_due_ms) })}`}
            </p>
            {owns && (
              <div class="actions">
                <a class="button" href={link("/footage", { at: String(hold.from_ms) })} aria-label={say("hold.watch_named", { reason: hold.reason })}>
                  {say("hold.watch")}
                </a>
                <Button label={say("hold.release_named", { reason: hold.reason })} onPress={() => setShown(hold)}>
                  {say("hold.release")}
                </Button>
              </div>
            )}
          </li>
        ))}
      </ul>
      {shown === "new" && <NewHold onDone={done} onClose={() => setShown(null)} />}
      {shown && shown !== "new" && <ReleaseHold hold={shown} onDone={done} onClose={() => setShown(null)} />}
    </Card>
  );
}
