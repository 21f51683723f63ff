// What there is of the past, as the camera lists it: footage, private times, and gaps with their cause.

/** A piece of the past; `gap_cause` is null where there is footage. */
export interface Piece {
  readonly start_ms: number;
  readonly end_ms: number;
  readonly private: boolean;
  readonly gap_cause: string | null;
}

/** The cause of a gap in which there was footage, until its time was over. */
export const ERASED = "erased";

/** Pieces closer than this are one: clocks are set right by as much all the time. */
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

/** Why nothing is shown between two moments. */
export function breakBetween(pieces: readonly Piece[], fromMs: number, toMs: number): Break {
  const between = pieces.filter((piece) => !isShown(piece) && piece.end_ms > fromMs && piece.start_ms < toMs);
  const gap = between.find((piece) => piece.gap_cause !== null);
  return {
    fromMs,
    toMs,
    isPrivate: between.some((piece) => piece.private),
    cause: gap?.gap_cause ?? "",
  };
}
