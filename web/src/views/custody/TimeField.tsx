// Which footage: a day and an hour by two presses, or exact times; and what footage there is of it.
import { useEffect, useState } from "preact/hooks";
import { ask } from "../../camera/http";
import type { Piece } from "../../opening/stretches";
import { Field } from "../../pieces/Field";
import { clockTime, exactTime, moment, say } from "../../words/words";
import { Pick } from "./Pick";
import { type Asked, dayOf, extentOf, HOUR_MS, hourOf, lastDays, spanOf, stretchesIn } from "./times";

const DAY_MS = 24 * HOUR_MS;
const HOURS = Array.from({ length: 24 }, (_, hour) => hour);
const MOST_STRETCHES = 4;

interface TimeFieldProps {
  asked: Asked;
  onChange: (asked: Asked) => void;
  required?: boolean;
}

export function TimeField({ asked, onChange, required = true }: TimeFieldProps) {
  const nowMs = Date.now();
  const days = lastDays(nowMs);
  const pieces = useDay(asked.day);
  const [hour, setHour] = useState("");
  const change = (changed: Partial<Asked>) => {
    setHour("");
    onChange({ ...asked, ...changed });
  };
  const choose = (day: string, chosen: string) => {
    setHour(chosen);
    onChange(chosen ? hourOf(day, Number(chosen), nowMs) : { ...asked, day });
  };
  return (
    <div class="asked-time">
      <Pick
        id="asked-day"
        name="day_chosen"
        class="days-back"
        label={say("asked.day")}
        options={days.map((day, back) => ({ value: day, words: dayWords(day, back), label: longDay(day) }))}
        value={asked.day}
        onChange={(day) => choose(day, hour)}
      />
      <Pick
        id="asked-hour"
        name="hour_chosen"
        class="hours"
        label={say("asked.hour")}
        options={HOURS.map((each) => hourOption(each, asked.day, pieces, nowMs))}
        value={hour}
        onChange={(each) => choose(asked.day || (days[0] ?? ""), each)}
      />
      <div class="exact-times">
        <Field id="asked-date" name="day" type="date" label={say("asked.date")} value={asked.day} max={days[0] ?? ""} required={required} onInput={(event) => choose(event.currentTarget.value, hour)} />
        <Field id="asked-from" name="from" type="time" step={stepOf(asked.from)} label={say("asked.from")} value={asked.from} required={required} onInput={(event) => change({ from: event.currentTarget.value })} />
        <Field id="asked-to" name="to" type="time" step={stepOf(asked.to)} label={say("asked.to")} value={asked.to} required={required} onInput={(event) => change({ to: event.currentTarget.value })} />
      </div>
      <Covered pieces={pieces} asked={asked} />
    </div>
  );
}

/** What there is of the time that was asked for, in words. */
function Covered({ pieces, asked }: { pieces: readonly Piece[] | undefined; asked: Asked }) {
  const span = spanOf(asked);
  return (
    <p id="asked-covered" class="hint covered" role="status">
      {span && pieces && coverage(pieces, span)}
    </p>
  );
}

export function coverage(pieces: readonly Piece[], { fromMs, toMs }: { fromMs: number; toMs: number }): string {
  const extent = extentOf(pieces, fromMs, toMs);
  if (extent !== "some") return say(extent === "all" ? "asked.all" : "asked.none");
  const stretches = stretchesIn(pieces, fromMs, toMs);
  const spans = stretches.slice(0, MOST_STRETCHES).map((one) => `${exactTime(one.fromMs)}–${exactTime(one.toMs)}`);
  return say("asked.some", { spans: [...spans, ...(stretches.length > MOST_STRETCHES ? ["…"] : [])].join(", ") });
}

/** What the ring holds around `day`; `undefined` until that is known. */
function useDay(day: string): readonly Piece[] | undefined {
  const [known, setKnown] = useState<{ day: string; pieces: readonly Piece[] }>();
  useEffect(() => {
    const startMs = new Date(`${day}T00:00`).getTime();
    if (Number.isNaN(startMs)) return;
    const away = new AbortController();
    ask<Omit<Piece, "gap_cause">[]>(`/api/ring/overview?from_ms=${startMs}&to_ms=${startMs + 2 * DAY_MS}`, away.signal).then(
      (covered) => setKnown({ day, pieces: covered.map((one) => ({ ...one, gap_cause: null })) }),
      () => {}, // then nothing is said of it; the camera says so when it is asked for
    );
    return () => away.abort();
  }, [day]);
  return known?.day === day ? known.pieces : undefined;
}

function hourOption(hour: number, day: string, pieces: readonly Piece[] | undefined, nowMs: number) {
  const span = spanOf(hourOf(day, hour, nowMs));
  const extent = span && pieces ? extentOf(pieces, span.fromMs, span.toMs) : "unknown";
  const two = String(hour).padStart(2, "0");
  const words = span ? `${clockTime(span.fromMs)}–${clockTime(span.toMs)}` : two;
  return { value: String(hour), words: two, class: `hour ${extent}`, label: extent === "unknown" ? words : `${words}, ${say(`extent.${extent}`)}` };
}

function dayWords(day: string, back: number): string {
  if (back < 2) return say(back === 0 ? "asked.today" : "asked.yesterday");
  return moment(new Date(`${day}T12:00`).getTime(), { weekday: "short", day: "numeric" });
}

const longDay = (day: string): string => moment(new Date(`${day}T12:00`).getTime(), { weekday: "long", month: "long", day: "numeric" });
const stepOf = (time: string): number => (time.length > 5 ? 1 : 60);


/** Today and nothing chosen yet. */
export const nothingAsked = (): Asked => ({ day: dayOf(Date.now()), from: "", to: "" });
