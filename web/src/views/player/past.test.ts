import { expect, test } from "vitest";
import type { Piece } from "../../opening/stretches";
import { spliced } from "./past";

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
