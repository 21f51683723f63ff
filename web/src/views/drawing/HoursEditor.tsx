// When a rule holds: always, or on some days from one time to another.
import { useId } from "preact/hooks";
import { DAYS, entryOf, hoursOf, type Hours } from "../../drawing/hours";
import { Button } from "../../pieces/Button";
import { say } from "../../words/words";

const NIGHT: Hours = { days: DAYS, from: "22:00", to: "06:00" };

interface HoursProps {
  /** `null` means always. */
  entries: readonly string[] | null;
  timezone: string;
  wrong: string;
  onEntries: (entries: string[] | null) => void;
}

export function HoursEditor({ entries, timezone, wrong, onEntries }: HoursProps) {
  const id = useId();
  const put = (index: number, entry: string | null) => {
    const left = (entries ?? []).flatMap((old, i) => (i === index ? (entry === null ? [] : [entry]) : [old]));
    onEntries(left.length ? left : null);
  };
  return (
    <div class="field">
      <label for={id}>{say("rule_hours")}</label>
      <select id={id} value={entries ? "hours" : "always"} onChange={(event) => onEntries(event.currentTarget.value === "always" ? null : [entryOf(NIGHT)])}>
        <option value="always" selected={!entries}>
          {say("hours_always")}
        </option>
        <option value="hours" selected={entries !== null}>
          {say("hours_some", { zone: timezone })}
        </option>
      </select>
      {entries?.map((entry, i) => <Entry key={i} entry={entry} onEntry={(told) => put(i, told)} />)}
      {entries && <Button onPress={() => onEntries([...entries, entryOf(NIGHT)])}>{say("hours_add")}</Button>}
      {wrong && (
        <p class="refusal" role="alert">
          {wrong}
        </p>
      )}
    </div>
  );
}

function Entry({ entry, onEntry }: { entry: string; onEntry: (entry: string | null) => void }) {
  const hours = hoursOf(entry);
  const put = (change: Partial<Hours>) => {
    const next = { ...(hours ?? NIGHT), ...change };
    // Nobody means hours on no day, or of no length.
    if (next.days.length > 0 && next.from !== next.to && next.from && next.to) onEntry(entryOf(next));
    else onEntry(entry);
  };
  return (
    <div class="hours" role="group" aria-label={entry}>
      <div class="days">
        {DAYS.map((day) => {
          const on = hours?.days.includes(day) ?? false;
          return (
            <button key={day} type="button" aria-pressed={on} title={say(`day.${day}`)} onClick={() => put({ days: DAYS.filter((one) => (one === day ? !on : hours?.days.includes(one))) })}>
              {say(`day_short.${day}`)}
            </button>
          );
        })}
      </div>
      <div class="times">
        <input type="time" aria-label={say("hours_from")} value={hours?.from ?? ""} onChange={(event) => put({ from: event.currentTarget.value })} />
        <span aria-hidden="true">–</span>
        {/* Browsers know no 24:00. */}
        <input type="time" aria-label={say("hours_to")} value={hours?.to === "24:00" ? "00:00" : (hours?.to ?? "")} onChange={(event) => put({ to: event.currentTarget.value === "00:00" ? "24:00" : event.currentTarget.value })} />
        <button type="button" class="draw-small" aria-label={say("hours_remove", { entry })} onClick={() => onEntry(null)}>
          ✕
        </button>
      </div>
    </div>
  );
}
