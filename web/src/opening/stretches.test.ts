import { expect, test } from "vitest";
import { breakBetween, footageFrom, type Piece } from "./stretches";
import { paceOf, RATES, samePace } from "./pace";

const piece = (start_ms: number, end_ms: number, isPrivate = false, gap_cause: string | null = null): Piece => ({
  start_ms,
  end_ms,
  private: isPrivate,
  gap_cause,
});
const PAST = [piece(0, 10_000), piece(10_400, 20_000), piece(20_000, 30_000, true), piece(30_000, 40_000), piece(40_000, 90_000, false, "power"), piece(90_000, 95_000)];

test("footage runs on over what belongs together, and stops at private times and gaps", () => {
  expect(footageFrom(PAST, 5000)).toEqual({ startMs: 5000, endMs: 20_000 });
  expect(footageFrom(PAST, 25_000)).toEqual({ startMs: 30_000, endMs: 40_000 });
  expect(footageFrom(PAST, 50_000)).toEqual({ startMs: 90_000, endMs: 95_000 });
  expect(footageFrom(PAST, 95_000)).toBeNull();
  expect(footageFrom([], 0)).toBeNull();
});

test("a break says why", () => {
  expect(breakBetween(PAST, 20_000, 30_000)).toMatchObject({ isPrivate: true, cause: "" });
  expect(breakBetween(PAST, 40_000, 90_000)).toMatchObject({ isPrivate: false, cause: "power" });
  expect(breakBetween([], 0, 5000)).toEqual({ fromMs: 0, toMs: 5000, isPrivate: false, cause: "" });
});

test("a short gap is told where the camera lists it, and a clock set right is none", () => {
  const stopped = [piece(0, 10_000), piece(10_000, 11_200, false, "planned_stop"), piece(11_200, 20_000)];
  expect(breakBetween(stopped, 10_000, 11_200)).toMatchObject({ fromMs: 10_000, toMs: 11_200, cause: "planned_stop" });
  expect(breakBetween(PAST, 10_000, 10_400)).toBeNull();
  expect(breakBetween(PAST, 29_999, 30_000)).toBeNull();
});

test("no speed asks for more than ten minutes at once, nor for more than eight segments a second", () => {
  for (const rate of RATES) {
    const pace = paceOf(rate);
    expect(pace.spanMs).toBeLessThanOrEqual(600_000);
    expect(pace.spanMs).toBeGreaterThanOrEqual(60_000);
    expect(rate / Math.max(1, pace.everyS)).toBeLessThanOrEqual(8);
  }
  expect(samePace(0.25, 4)).toBe(true);
  expect(samePace(4, 8)).toBe(false);
  expect(samePace(8, 16)).toBe(false);
});
