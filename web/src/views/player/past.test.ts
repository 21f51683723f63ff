import { expect, test } from "vitest";
import type { Piece } from "../../opening/stretches";
import { bars } from "./bars";
import { spliced, withGaps } from "./past";

const piece = (start_ms: number, end_ms: number, gap_cause: string | null = null, isPrivate = false): Piece => ({ start_ms, end_ms, private: isPrivate, gap_cause });

test("what is known exactly stands instead of what is known at a glance", () => {
  const glance = [piece(0, 1000), piece(1000, 2000, ""), piece(2000, 9000)];
  const exact = [piece(500, 900), piece(900, 1100, "power"), piece(1100, 3000), piece(3000, 3500, null, true)];
  expect(spliced(glance, exact, { fromMs: 500, toMs: 3500 })).toEqual([
    piece(0, 500),
    piece(500, 900),
    piece(900, 1100, "power"),
    piece(1100, 3000),
    piece(3000, 3500, null, true),
    piece(3500, 9000),
  ]);
});

test("footage that is younger than the exact look is kept", () => {
  expect(spliced([piece(0, 9000)], [piece(0, 5000)], { fromMs: 0, toMs: 10_000 })).toEqual([piece(0, 5000), piece(5000, 9000)]);
});

test("what lies between a hold and the rest was erased, and is no gap on the strip", () => {
  const covered = (start_ms: number, end_ms: number, held: boolean) => ({ start_ms, end_ms, private: false, held });
  const pieces = withGaps([covered(0, 5000, true), covered(9000, 12_000, true), covered(60_000, 90_000, false), covered(110_000, 120_000, false)]);
  expect(pieces).toEqual([
    piece(0, 5000),
    piece(5000, 9000, "erased"),
    piece(9000, 12_000),
    piece(12_000, 60_000, "erased"),
    piece(60_000, 90_000),
    piece(90_000, 110_000, ""),
    piece(110_000, 120_000),
  ]);
  const drawn = bars(pieces, { fromMs: 0, toMs: 120_000 }, 120).map(({ kind }) => kind);
  expect(drawn).toEqual(["recorded", "recorded", "recorded", "gap", "recorded"]);
});
