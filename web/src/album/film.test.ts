import { describe, expect, it } from "vitest";
import { type Film, momentAt, pieceAt, type Placed } from "./film";
import type { Piece } from "./record";

function placed(atS: number, fromMs: number): Placed {
  const piece = { form: "piece", pieceId: String(atS), fromMs, toMs: fromMs + 8000, kinds: [], zones: [], events: [], durationMs: 2000 };
  return { atS, piece: { ...piece, fragment: new Uint8Array() } as Piece };
}

const film: Film = { pieces: [placed(0, 1000), placed(2, 500_000)], lengthS: 4, whole: true };

describe("the film of a day", () => {
  it("knows which moment is shown", () => {
    expect(pieceAt(film, 0)).toBe(film.pieces[0]);
    expect(pieceAt(film, 1.99)).toBe(film.pieces[1]);
    expect(pieceAt(film, 99)).toBe(film.pieces[1]);
    expect(momentAt(film.pieces[1]!, 3)).toBe(504_000);
    expect(momentAt(film.pieces[0]!, 50)).toBe(9000);
  });
});
