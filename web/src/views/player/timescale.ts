// Which part of the past the timeline shows, and where its marks stand. Moments are Unix milliseconds.

export interface Range {
  readonly fromMs: number;
  readonly toMs: number;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
export const SHORTEST_MS = 10 * MINUTE_MS;
const STEPS_MS = [1, 2, 5, 10, 30].map((n) => n * MINUTE_MS).concat([1, 2, 3, 6, 12].map((n) => n * HOUR_MS), [1, 2, 7, 14, 30].map((n) => n * DAY_MS));

export const lengthOf = (range: Range): number => range.toMs - range.fromMs;

/** `range` moved by `byMs`, but no further than `limits`. */
export function panned(range: Range, byMs: number, limits: Range): Range {
  const length = Math.min(lengthOf(range), lengthOf(limits));
  const fromMs = Math.min(Math.max(range.fromMs + byMs, limits.fromMs), limits.toMs - length);
  return { fromMs, toMs: fromMs + length };
}

/** `range` made `factor` times as long around `anchorMs`, which stays where it is on the screen. */
export function zoomed(range: Range, factor: number, anchorMs: number, limits: Range): Range {
  const longest = Math.max(SHORTEST_MS, lengthOf(limits));
  const length = Math.min(longest, Math.max(SHORTEST_MS, lengthOf(range) * factor));
  const share = (anchorMs - range.fromMs) / lengthOf(range);
  const fromMs = anchorMs - share * length;
  return panned({ fromMs, toMs: fromMs + length }, 0, { fromMs: Math.min(limits.fromMs, limits.toMs - length), toMs: limits.toMs });
}

/** `range` moved just so far that `ms` is in it. */
export function containing(range: Range, ms: number, limits: Range): Range {
  if (ms >= range.fromMs && ms <= range.toMs) return range;
  return panned(range, ms - (range.fromMs + range.toMs) / 2, limits);
}

/** At most `most` even marks, which stand at whole hours or days of the reader's own time. */
export function ticks(range: Range, most: number): { stepMs: number; at: number[] } {
  const stepMs = STEPS_MS.find((step) => lengthOf(range) / step <= most) ?? STEPS_MS.at(-1)!;
  const at: number[] = [];
  const start = new Date(range.fromMs);
  start.setHours(0, 0, 0, 0);
  for (let ms = start.getTime(); ms <= range.toMs; ms = after(ms, stepMs)) if (ms >= range.fromMs) at.push(ms);
  return { stepMs, at };
}

/** Days are not always 24 hours long. */
function after(ms: number, stepMs: number): number {
  if (stepMs < DAY_MS) return ms + stepMs;
  const next = new Date(ms);
  next.setDate(next.getDate() + stepMs / DAY_MS);
  return next.getTime();
}
