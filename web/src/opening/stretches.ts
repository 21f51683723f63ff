// What there is of the past, as the camera lists it: footage, private times, and gaps with their cause.
import { UNBROKEN_S } from "./shelf";

/** A piece of the past; `gap_cause` is null where there is footage. */
export interface Piece {
  readonly start_ms: number;
  readonly end_ms: number;
  readonly private: boolean;
  readonly gap_cause: string | null;
}

/** The cause of a gap in which there was footage, until its time was over. */
export const ERASED = "erased";

/** Footage closer than this with nothing listed between is one: clocks are set right by as much all the time. */
const TOGETHER_MS = 1500;

/** What is shown as a break: why nothing is to be seen from `fromMs` to `toMs`; `cause` is "" where nobody knows. */
export interface Break {
  readonly fromMs: number;
  readonly toMs: number;
  readonly isPrivate: boolean;
  readonly cause: string;
}

export const isShown = (piece: Piece): boolean => piece.gap_cause === null && !piece.private;

/** The unbroken footage that shows `ms`, else the next; null after the last. Its end is the end of all that joins it. */
export function footageFrom(pieces: readonly Piece[], ms: number): { startMs: number; endMs: number } | null {
  const shown = pieces.filter(isShown);
  const first = shown.findIndex((piece) => piece.end_ms > ms);
  if (first < 0) return null;
  let endMs = shown[first]!.end_ms;
  for (const piece of shown.slice(first + 1)) {
    if (piece.start_ms - endMs > TOGETHER_MS) break;
    endMs = Math.max(endMs, piece.end_ms);
  }
  return { startMs: Math.max(ms, shown[first]!.start_ms), endMs };
}

/** Why nothing is shown between two moments; null where what they bound belongs together. What the camera lists as
 * private or as a gap is never passed without a word, unless it is as short as clocks and frames are. */
export function breakBetween(pieces: readonly Piece[], fromMs: number, toMs: number): Break | null {
  const between = pieces.filter((piece) => !isShown(piece) && piece.end_ms > fromMs && piece.start_ms < toMs);
  if (toMs - fromMs <= (between.length > 0 ? UNBROKEN_S * 1000 : TOGETHER_MS)) return null;
  const gap = between.find((piece) => piece.gap_cause !== null);
  return {
    fromMs,
    toMs,
    isPrivate: between.some((piece) => piece.private),
    cause: gap?.gap_cause ?? "",
  };
}
