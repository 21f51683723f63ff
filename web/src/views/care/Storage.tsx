// What the card holds, for how long it is kept, and how long it will last.
import { status } from "../../camera/told";
import { useWatched } from "../../camera/watched";
import { Busy } from "../../pieces/Busy";
import { Card } from "../../pieces/Card";
import { Notice } from "../../pieces/Notice";
import { Tiles, type Figure } from "../../pieces/Tile";
import type { Recorder } from "../../camera/answers";
import { lasting, number, say, size } from "../../words/words";
import { span } from "../health/figures";

export function Storage({ id }: { id: string }) {
  const { answer } = useWatched(status);
  const recorder = answer?.recorder;
  return (
    <Card id={id} title={say("care.storage")}>
      {recorder ? <Plan recorder={recorder} /> : <Busy>{say("loading")}</Busy>}
    </Card>
  );
}

function Plan({ recorder }: { recorder: Recorder }) {
  const forecast = recorder.days_forecast;
  const short = forecast > 0 && forecast < recorder.days_policy;
  const days = { n: span(recorder.days_policy), forecast: span(forecast) };
  return (
    <>
      {forecast > 0 && !short && <p class="hint">{say("storage.fits", days)}</p>}
      {short && <Notice kind="grave">{say("storage.short", days)}</Notice>}
      <Tiles figures={figures(recorder)} />
    </>
  );
}

function figures(recorder: Recorder): Figure[] {
  const wear = recorder.wear_percent;
  return [
    { label: say("storage.kept"), value: span(recorder.days_kept) },
    { label: say("storage.owed"), value: span(recorder.days_policy) },
    { label: say("storage.room"), value: recorder.days_forecast > 0 ? span(recorder.days_forecast) : "–" },
    { label: say("storage.ring"), value: size(recorder.ring_size_bytes) },
    { label: say("storage.holds"), value: number(recorder.holds), more: recorder.holds ? size(recorder.hold_bytes) : "" },
    { label: say("storage.worn"), value: wear === null ? "–" : number(wear / 100, { style: "percent" }) },
    { label: say("storage.damaged"), value: number(recorder.damaged_segments), wrong: recorder.damaged_segments > 0 },
    {
      label: say("storage.gaps"),
      value: number(recorder.gaps_24h),
      more: recorder.gaps_24h ? lasting(recorder.gaps_24h_s) : "",
      wrong: recorder.gaps_24h > 0,
    },
  ];
}
