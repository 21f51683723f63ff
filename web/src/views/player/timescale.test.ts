import { expect, test } from "vitest";
import type { Piece } from "../../opening/stretches";
import { bars } from "./bars";
import { containing, lengthOf, panned, SHORTEST_MS, ticks, zoomed } from "./timescale";

const HOUR = 3_600_000;
const LIMITS = { fromMs: 1_800_000_000_000 - 336 * HOUR, toMs: 1_800_000_000_000 };
const DAY = { fromMs: LIMITS.toMs - 24 * HOUR, toMs: LIMITS.toMs };

test("zooming keeps the moment under the pointer where it is", () => {
  const anchor = DAY.fromMs + 6 * HOUR;
  const nearer = zoomed(DAY, 0.5, anchor, LIMITS);
  expect(lengthOf(nearer)).toBe(12 * HOUR);
  expect((anchor - nearer.fromMs) / lengthOf(nearer)).toBeCloseTo(0.25);
});

test("from ten minutes to the whole of it, and no further", () => {
  let range = DAY;
  for (let n = 0; n < 30; n++) range = zoomed(range, 0.5, DAY.toMs, LIMITS);
  expect(lengthOf(range)).toBe(SHORTEST_MS);
  for (let n = 0; n < 30; n++) range = zoomed(range, 2, range.fromMs, LIMITS);
  expect(range).toEqual(LIMITS);
});

test("a camera that has recorded for a minute can be zoomed too", () => {
  const young = { fromMs: LIMITS.toMs - 60_000, toMs: LIMITS.toMs };
  expect(lengthOf(zoomed(young, 1, young.toMs, young))).toBe(SHORTEST_MS);
});

test("moving ends at the borders", () => {
  expect(panned(DAY, 100 * HOUR, LIMITS)).toEqual(DAY);
  expect(panned(DAY, -1000 * HOUR, LIMITS).fromMs).toBe(LIMITS.fromMs);
  expect(containing(DAY, DAY.fromMs - 48 * HOUR, LIMITS).fromMs).toBe(DAY.fromMs - 60 * HOUR);
  expect(containing(DAY, DAY.fromMs + 1, LIMITS)).toBe(DAY);
});

test.each([SHORTEST_MS, HOUR, 24 * HOUR, 336 * HOUR])("marks are even, few and inside (%i ms)", (length) => {
  const range = { fromMs: LIMITS.toMs - length, toMs: LIMITS.toMs };
  const { at, stepMs } = ticks(range, 8);
  expect(at.length).toBeGreaterThan(2);
  expect(at.length).toBeLessThanOrEqual(9);
  expect(at.every((ms) => ms >= range.fromMs && ms <= range.toMs)).toBe(true);
  expect(at.every((ms) => new Date(ms).getSeconds() === 0)).toBe(true);
  expect(stepMs).toBeGreaterThan(0);
});

const piece = (start_ms: number, end_ms: number, isPrivate = false, gap_cause: string | null = null): Piece => ({ start_ms, end_ms, private: isPrivate, gap_cause });

test("a gap of a second is seen on a timeline of a fortnight", () => {
  const middle = LIMITS.fromMs + 100 * HOUR;
  const drawn = bars([piece(LIMITS.fromMs, middle), piece(middle, middle + 1000, false, "power"), piece(middle + 1000, LIMITS.toMs)], LIMITS, 1000);
  expect(drawn.map((bar) => bar.kind)).toEqual(["recorded", "gap", "recorded"]);
  expect(drawn[1]!.width).toBeCloseTo(0.1);
});

test("ten thousand pieces are no more bars than the screen has columns", () => {
  const many = Array.from({ length: 10_000 }, (_, n) => piece(LIMITS.fromMs + n * 120_000, LIMITS.fromMs + n * 120_000 + 60_000, n % 3 === 0));
  expect(bars(many, LIMITS, 500).length).toBeLessThanOrEqual(500);
});

test("what lies outside is not drawn", () => {
  expect(bars([piece(0, 1000)], LIMITS, 100)).toEqual([]);
  expect(bars([piece(LIMITS.fromMs - HOUR, LIMITS.toMs + HOUR)], LIMITS, 100)).toEqual([{ kind: "recorded", left: 0, width: 100 }]);
});
