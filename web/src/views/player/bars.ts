// The timeline's bars: what lies in each part of it, drawn so that nothing short goes unseen.
import { ERASED, type Piece } from "../../opening/stretches";
import type { Range } from "./timescale";

export type BarKind = "recorded" | "private" | "gap";

/** `left` and `width` in percent of the timeline. */
export interface Bar {
  readonly kind: BarKind;
  readonly left: number;
  readonly width: number;
}

export const kindOf = (piece: Piece): BarKind => (piece.gap_cause !== null ? "gap" : piece.private ? "private" : "recorded");

/** Bars for `pieces`, oldest first; a gap or a private time is never thinner than one of `columns`, and never more of them. */
export function bars(pieces: readonly Piece[], range: Range, columns: number): Bar[] {
  const length = range.toMs - range.fromMs;
  const shown: BarKind[] = new Array(columns);
  const column = (ms: number) => ((ms - range.fromMs) / length) * columns;
  for (const piece of pieces) {
    const [from, to] = [Math.max(0, column(piece.start_ms)), Math.min(columns, column(piece.end_ms))];
    if (to <= 0 || from >= columns || piece.gap_cause === ERASED) continue;
    const kind = kindOf(piece);
    const first = Math.floor(from);
    const last = Math.max(first + 1, Math.round(to));
    for (let at = first; at < last && at < columns; at++) if (weight(kind) >= weight(shown[at])) shown[at] = kind;
  }
  return joined(shown, columns);
}

/** What matters more wins where two share a column. */
function weight(kind: BarKind | undefined): number {
  return kind === undefined ? 0 : { recorded: 1, private: 2, gap: 3 }[kind];
}

function joined(shown: readonly (BarKind | undefined)[], columns: number): Bar[] {
  const found: Bar[] = [];
  for (let at = 0; at < columns; ) {
    const kind = shown[at];
    let end = at + 1;
    while (end < columns && shown[end] === kind) end++;
    if (kind) found.push({ kind, left: (at / columns) * 100, width: ((end - at) / columns) * 100 });
    at = end;
  }
  return found;
}
