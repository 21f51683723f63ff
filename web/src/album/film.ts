// A day's movements as one film: which piece is shown when, and what moment that is.
import type { Piece } from "./record";

/** A piece and where in the film it begins, seconds. */
export interface Placed {
  readonly piece: Piece;
  readonly atS: number;
}

/** How the film stands: what is known of it, and whether that is all. */
export interface Film {
  readonly pieces: readonly Placed[];
  readonly lengthS: number;
  readonly whole: boolean;
}

export const NO_FILM: Film = { pieces: [], lengthS: 0, whole: false };

/** The piece that is shown at `atS` of the film. */
export function pieceAt(film: Film, atS: number): Placed | undefined {
  return film.pieces.filter((placed) => placed.atS <= atS + 0.01).at(-1);
}

/** The moment in the past that is shown at `atS` of the film, Unix milliseconds. */
export function momentAt(placed: Placed, atS: number): number {
  const share = Math.min(1, Math.max(0, (atS - placed.atS) / (placed.piece.durationMs / 1000)));
  return placed.piece.fromMs + share * (placed.piece.toMs - placed.piece.fromMs);
}
