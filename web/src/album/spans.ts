// Which stretches of the past are asked for at once: few requests, and no hours in which nothing was noticed.

export interface Stretch {
  fromMs: number;
  toMs: number;
}

/** A picture is taken up to a minute after its event began. */
const BEFORE_MS = 5_000;
const AFTER_MS = 75_000;
const APART_MS = 30 * 60_000;
export const LONGEST_MS = 24 * 3_600_000;

/** Stretches that hold the pictures of events that began at `moments`, oldest first. */
export function stretchesAround(moments: readonly number[]): Stretch[] {
  const found: Stretch[] = [];
  for (const ms of [...moments].sort((one, other) => one - other)) {
    const last = found.at(-1);
    const toMs = ms + AFTER_MS;
    if (last && ms - last.toMs < APART_MS && toMs - last.fromMs <= LONGEST_MS) last.toMs = toMs;
    else found.push({ fromMs: Math.max(0, ms - BEFORE_MS), toMs });
  }
  return found;
}

/** The day around `ms` here, from midnight to midnight. */
export function dayAround(ms: number): Stretch {
  const begin = new Date(ms);
  begin.setHours(0, 0, 0, 0);
  const end = new Date(begin);
  end.setDate(end.getDate() + 1);
  return { fromMs: begin.getTime(), toMs: end.getTime() };
}
