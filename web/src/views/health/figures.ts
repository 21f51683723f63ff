// The few figures that an owner asks for, out of what the three processes say of themselves.
import type { Recorder, Status } from "../../camera/answers";
import type { Figure } from "../../pieces/Tile";
import { number, say } from "../../words/words";

const UNKNOWN = "–";

export function healthFigures(status: Status | undefined): Figure[] {
  const { recorder, observer, hub } = status ?? { recorder: null, observer: null, hub: null };
  const waiting = hub?.outbox ? say("waiting_events", { n: hub.outbox }) : "";
  return [
    ...recorderFigures(recorder),
    { label: say("tile.broker"), value: hub ? say(`broker.${hub.broker}`) : UNKNOWN, more: waiting, wrong: hub?.broker === "refused" },
    {
      label: say("tile.detector"),
      value: observer?.detector ? number(observer.look_ms) : say("off"),
      more: observer?.detector ? "ms" : "",
    },
  ];
}

function recorderFigures(recorder: Recorder | null): Figure[] {
  if (!recorder)
    return ["fps", "dropped", "bit_rate", "days", "ring", "clock"].map((key) => ({ label: say(`tile.${key}`), value: UNKNOWN }));
  return [
    { label: say("tile.fps"), value: number(recorder.fps), more: `${recorder.width} × ${recorder.height}` },
    { label: say("tile.dropped"), value: number(recorder.frames_dropped), wrong: recorder.frames_dropped > 0 },
    { label: say("tile.bit_rate"), value: number(recorder.bit_rate_kbps / 1000), more: "Mbit/s" },
    { label: say("tile.days"), value: span(recorder.days_kept), more: say("of_days", { n: number(recorder.days_policy) }) },
    { label: say("tile.ring"), value: number(recorder.ring_size_bytes / 1e9), more: "GB" },
    { label: say("tile.clock"), value: say(`trust.${recorder.time_trust}`), wrong: recorder.time_trust === "unset" },
  ];
}

/** Days, or the unit in which fewer can be told. */
export function span(days: number): string {
  if (days >= 1) return say("days", { n: number(days) });
  return days * 24 >= 1 ? say("hours", { n: number(days * 24) }) : say("minutes", { n: Math.floor(days * 1440) });
}
