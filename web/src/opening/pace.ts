// How footage is fetched for each speed: all of it up to four times, single pictures above.

export const RATES = [0.25, 0.5, 1, 2, 4, 8, 16] as const;
export type Rate = (typeof RATES)[number];

const SHORTEST_SPAN_MS = 60_000;
const LONGEST_SPAN_MS = 600_000;
const AHEAD_S = 20;

export interface Pace {
  /** Only the first picture of each segment: a phone cannot decode five hundred frames a second. */
  readonly keyframes: boolean;
  /** Only the first segment of each such step; 0 for all. */
  readonly everyS: number;
  /** How much one question asks for; each is a line of the register. */
  readonly spanMs: number;
  /** How much may lie ready ahead of what is watched. */
  readonly aheadS: number;
}

/** No speed takes more than eight segments a second from the camera. */
export function paceOf(rate: Rate): Pace {
  const spanMs = Math.min(LONGEST_SPAN_MS, Math.max(SHORTEST_SPAN_MS, SHORTEST_SPAN_MS * rate));
  return { keyframes: rate >= 8, everyS: rate >= 16 ? 2 : 0, spanMs, aheadS: AHEAD_S * Math.max(1, rate) };
}

/** Whether what was fetched for one speed serves another. */
export function samePace(one: Rate, other: Rate): boolean {
  return paceOf(one).keyframes === paceOf(other).keyframes && paceOf(one).everyS === paceOf(other).everyS;
}
