// The player's buttons: play, frame by frame, by ten seconds, from event to event, and how fast.
import { RATES, type Rate } from "../../opening/pace";
import { number, say } from "../../words/words";
import type { Screened } from "./screening";

export interface Acts {
  toggle: () => void;
  step: (by: 1 | -1) => void;
  jump: (byMs: number) => void;
  event: (by: 1 | -1) => void;
  rate: (rate: Rate) => void;
  fullScreen: () => void;
  lock: () => void;
}

const SHAPES = {
  play: "M8 5l11 7-11 7z",
  pause: "M8 5v14M16 5v14",
  frame_back: "M15 6l-7 6 7 6zM5 6v12",
  frame_on: "M9 6l7 6-7 6zM19 6v12",
  back: "M4 12a8 8 0 1 0 3-6.2M7 2v4h4",
  on: "M20 12a8 8 0 1 1-3-6.2M17 2v4h-4",
  event_back: "M17 6l-6 6 6 6M10 6l-6 6 6 6",
  event_on: "M7 6l6 6-6 6M14 6l6 6-6 6",
  full_screen: "M4 9V4h5M20 9V4h-5M4 15v5h5M20 15v5h-5",
  lock: "M7.5 11V8a4.5 4.5 0 0 1 9 0v3M6 11h12v9H6z",
};

export function Controls({ shown, acts, enabled }: { shown: Screened; acts: Acts; enabled: boolean }) {
  const press = (id: keyof typeof SHAPES, label: string, act: () => void, look = "round") => (
    <button type="button" id={`player-${id}`} class={look} aria-label={label} title={label} disabled={!enabled} onClick={act}>
      <svg class="icon" viewBox="0 0 24 24" aria-hidden="true">
        <path d={SHAPES[id]} />
      </svg>
    </button>
  );
  return (
    <div class="controls" role="group" aria-label={say("player_controls")}>
      <div class="control-row">
        {press("event_back", say("event_previous"), () => acts.event(-1))}
        {press("back", say("ten_back"), () => acts.jump(-10_000))}
        {press("frame_back", say("frame_back"), () => acts.step(-1))}
        {shown.playing
          ? press("pause", say("pause"), acts.toggle, "round main")
          : press("play", say("play"), acts.toggle, "round main")}
        {press("frame_on", say("frame_on"), () => acts.step(1))}
        {press("on", say("ten_on"), () => acts.jump(10_000))}
        {press("event_on", say("event_next"), () => acts.event(1))}
      </div>
      <div class="control-row">
        <label class="rate">
          <span>{say("speed")}</span>
          <select id="player-rate" value={String(shown.rate)} disabled={!enabled} onChange={(event) => acts.rate(Number(event.currentTarget.value) as Rate)}>
            {RATES.map((rate) => (
              <option key={rate} value={String(rate)}>
                {`${rate === 0.25 ? "¼" : rate === 0.5 ? "½" : number(rate)}×`}
              </option>
            ))}
          </select>
        </label>
        {press("full_screen", say("full_screen"), acts.fullScreen)}
        {press("lock", say("lock_now"), acts.lock)}
      </div>
    </div>
  );
}
