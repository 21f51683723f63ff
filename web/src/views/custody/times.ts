// The time that somebody asks for: days to choose from, hours of a day, and what there is of it. Pure; Unix milliseconds, the browser's zone.
import { isShown, type Piece } from "../../opening/stretches";

export const HOUR_MS = 3_600_000;
/** Footage that begins or ends this near to what was asked for is all of it. */
const SLACK_MS = 2500;

/** What fills the fields: a day, and two times of it; `to` before `from` is on the next day. */
export interface Asked {
  /** yyyy-mm-dd */
  readonly day: string;
  /** hh:mm or hh:mm:ss */
  readonly from: string;
  readonly to: string;
}

/** Today and the days before it, newest first, as yyyy-mm-dd. */
export function lastDays(nowMs: number, count = 8): string[] {
  const now = new Date(nowMs);
  return Array.from({ length: count }, (_, back) => dayOf(new Date(now.getFullYear(), now.getMonth(), now.getDate() - back).getTime()));
}

export function dayOf(ms: number): string {
  const at = new Date(ms);
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
}

/** Seconds only where there are any. */
export function timeOf(ms: number): string {
  const at = new Date(ms);
  const seconds = at.getSeconds();
  return `${two(at.getHours())}:${two(at.getMinutes())}${seconds ? `:${two(seconds)}` : ""}`;
}

/** The whole hour `hour` of `day`; of the hour that runs, as far as it has come. */
export function hourOf(day: string, hour: number, nowMs: number): Asked {
  const startMs = momentOf(day, `${two(hour)}:00`);
  const endMs = momentOf(day, `${two(hour)}:00`) + HOUR_MS;
  return { day, from: timeOf(startMs), to: startMs < nowMs && endMs > nowMs ? timeOf(Math.floor(nowMs / 1000) * 1000) : timeOf(endMs) };
}

/** From when to when; `null` while a field is not filled in. */
export function spanOf({ day, from, to }: Asked): { fromMs: number; toMs: number } | null {
  const [fromMs, toMs] = [momentOf(day, from), momentOf(day, to)];
  if (Number.isNaN(fromMs) || Number.isNaN(toMs)) return null;
  return toMs > fromMs ? { fromMs, toMs } : { fromMs, toMs: momentOf(dayAfter(day), to) };
}

/** What fills the fields for a span that is known. */
export const askedOf = (fromMs: number, toMs: number): Asked => ({ day: dayOf(fromMs), from: timeOf(fromMs), to: timeOf(toMs) });

/** A span of time. */
export interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

/** How much of a span is footage that shows something: "all", "some" or "none". */
export type Extent = "all" | "some" | "none";

export function extentOf(pieces: readonly Piece[], fromMs: number, toMs: number): Extent {
  let [missingMs, reachedMs] = [0, fromMs];
  let any = false;
  for (const piece of pieces.filter(isShown)) {
    const [start, end] = [Math.max(piece.start_ms, fromMs), Math.min(piece.end_ms, toMs)];
    if (end <= start) continue;
    any = true;
    if (start - reachedMs > SLACK_MS) missingMs += start - reachedMs;
    reachedMs = Math.max(reachedMs, end);
  }
  if (!any) return "none";
  return missingMs === 0 && toMs - reachedMs <= SLACK_MS ? "all" : "some";
}

/** The stretches of a span that show something, joined where hardly anything is between them. */
export function stretchesIn(pieces: readonly Piece[], fromMs: number, toMs: number): { fromMs: number; toMs: number }[] {
  const found: { fromMs: number; toMs: number }[] = [];
  for (const piece of pieces.filter(isShown)) {
    const [start, end] = [Math.max(piece.start_ms, fromMs), Math.min(piece.end_ms, toMs)];
    const last = found.at(-1);
    if (end <= start) continue;
    if (last && start - last.toMs <= SLACK_MS) last.toMs = Math.max(last.toMs, end);
    else found.push({ fromMs: start, toMs: end });
  }
  return found;
}

/** `pieces` as far as `spans` reach. */
export function withinSpans(pieces: readonly Piece[], spans: readonly Span[]): Piece[] {
  return pieces.flatMap((piece) =>
    spans.flatMap(({ fromMs, toMs }) => {
      const [start_ms, end_ms] = [Math.max(piece.start_ms, fromMs), Math.min(piece.end_ms, toMs)];
      return end_ms > start_ms ? [{ ...piece, start_ms, end_ms }] : [];
    }),
  );
}

/** The last moment of the civil day that is `days` after `ms`. */
export function dueAfter(ms: number, days: number): number {
  const at = new Date(ms);
  return new Date(at.getFullYear(), at.getMonth(), at.getDate() + days + 1).getTime() - 1;
}

const two = (n: number): string => String(n).padStart(2, "0");
const momentOf = (day: string, time: string): number => (day && time ? new Date(`${day}T${time}`).getTime() : NaN);

function dayAfter(day: string): string {
  const [year = 0, month = 1, date = 1] = day.split("-").map(Number);
  return dayOf(new Date(year, month - 1, date + 1).getTime());
}
