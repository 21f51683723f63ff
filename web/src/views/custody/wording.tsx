// What cases say of themselves.
import { day, dayAndTime, lasting, moment, say } from "../../words/words";
import type { Case } from "./answers";
import { waits } from "./course";

/** Who it is about, else what about. */
export function titleOf(one: Case): string {
  if (one.kind === "complaint") return one.purpose || (one.remarks.split("\n")[0] ?? "");
  return [one.asker.affiliation, one.asker.name].filter(Boolean).join(" · ") || one.asked_by;
}

const SHORT_MS = 180_000;

/** A span in words: the day once, where it is one; seconds where it is short. */
export function spanWords(fromMs: number, toMs: number): string {
  const seconds = toMs - fromMs < SHORT_MS ? ({ second: "2-digit" } as const) : {};
  const long = moment(fromMs, { year: "numeric", month: "short", day: "numeric", weekday: "short", hour: "2-digit", minute: "2-digit", ...seconds });
  const sameDay = new Date(fromMs).toDateString() === new Date(toMs - 1).toDateString();
  return `${long}–${sameDay ? moment(toMs, { hour: "2-digit", minute: "2-digit", ...seconds }) : dayAndTime(toMs)}`;
}

/** By when somebody waits for it, or that this is over; empty where nobody waits. */
export function dueWords(one: Case, nowMs = Date.now()): string {
  if (one.due_ms === null || !waits(one)) return "";
  return one.overdue ? say("due.over", { time: lasting((nowMs - one.due_ms) / 1000) }) : say("due.by", { day: day(one.due_ms) });
}

export function State({ of: { state } }: { of: Pick<Case, "state"> }) {
  return <span class={`state ${state}`}>{say(`case.state.${state}`)}</span>;
}
