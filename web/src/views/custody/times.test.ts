// Days, hours and what there is of them.
import { describe, expect, test } from "vitest";
import type { Piece } from "../../opening/stretches";
import { askedOf, dayOf, dueAfter, extentOf, hourOf, lastDays, spanOf, stretchesIn, withinSpans } from "./times";

const at = (text: string): number => new Date(text).getTime();
const NOW = at("2026-11-22T10:20:30");
const footage = (from: string, to: string, more: Partial<Piece> = {}): Piece => ({ start_ms: at(from), end_ms: at(to), private: false, gap_cause: null, ...more });

describe("days", () => {
  test("begin with today and go back over the end of a month", () => {
    expect(lastDays(at("2026-11-02T00:00:01"), 4)).toEqual(["2026-11-02", "2026-11-01", "2026-10-31", "2026-10-30"]);
  });

  test("an answer is due at the end of the last day", () => {
    expect(dayOf(dueAfter(at("2026-11-03T23:59:00"), 10))).toBe("2026-11-13");
    expect(dayOf(dueAfter(at("2026-11-03T23:59:00"), 10) + 1)).toBe("2026-11-14");
  });
});

describe("an hour", () => {
  test("is the whole of it", () => {
    expect(hourOf("2026-11-17", 14, NOW)).toEqual({ day: "2026-11-17", from: "14:00", to: "15:00" });
  });

  test("ends now while it runs", () => {
    expect(hourOf("2026-11-22", 10, NOW)).toEqual({ day: "2026-11-22", from: "10:00", to: "10:20:30" });
  });

  test("may be the last of the day", () => {
    const span = spanOf(hourOf("2026-11-17", 23, NOW));
    expect(span).toEqual({ fromMs: at("2026-11-17T23:00"), toMs: at("2026-11-18T00:00") });
  });
});

test("a span that was not filled in is none, and one that is goes back into the same fields", () => {
  expect(spanOf({ day: "", from: "14:00", to: "15:00" })).toBeNull();
  expect(spanOf({ day: "2026-11-17", from: "14:00", to: "" })).toBeNull();
  const asked = { day: "2026-11-17", from: "14:00", to: "15:00:10" };
  const span = spanOf(asked);
  expect(span && askedOf(span.fromMs, span.toMs)).toEqual(asked);
});

describe("of what was asked for", () => {
  const [fromMs, toMs] = [at("2026-11-17T14:00"), at("2026-11-17T15:00")];

  test("all is there where pieces join", () => {
    const pieces = [footage("2026-11-17T13:00", "2026-11-17T14:30"), footage("2026-11-17T14:30:01", "2026-11-17T16:00")];
    expect(extentOf(pieces, fromMs, toMs)).toBe("all");
    expect(stretchesIn(pieces, fromMs, toMs)).toEqual([{ fromMs, toMs }]);
  });

  test("some is there around a gap, and at an end", () => {
    expect(extentOf([footage("2026-11-17T14:00", "2026-11-17T14:20"), footage("2026-11-17T14:40", "2026-11-17T15:00")], fromMs, toMs)).toBe("some");
    expect(extentOf([footage("2026-11-17T14:10", "2026-11-17T15:10")], fromMs, toMs)).toBe("some");
    expect(extentOf([footage("2026-11-17T13:10", "2026-11-17T14:50")], fromMs, toMs)).toBe("some");
  });

  test("private time and gaps show nothing", () => {
    const pieces = [footage("2026-11-17T14:00", "2026-11-17T14:30", { private: true }), footage("2026-11-17T14:30", "2026-11-17T15:00", { gap_cause: "power" })];
    expect(extentOf(pieces, fromMs, toMs)).toBe("none");
    expect(stretchesIn(pieces, fromMs, toMs)).toEqual([]);
  });
});

const piece = (start_ms: number, end_ms: number, gap_cause: string | null = null) => ({ start_ms, end_ms, private: false, gap_cause });

test("only what lies in a permit is there, and its edges are the permit's", () => {
  const pieces = [piece(0, 100), piece(100, 150, "power"), piece(150, 400)];
  expect(withinSpans(pieces, [{ fromMs: 50, toMs: 200 }])).toEqual([piece(50, 100), piece(100, 150, "power"), piece(150, 200)]);
  expect(withinSpans(pieces, [{ fromMs: 10, toMs: 20 }, { fromMs: 300, toMs: 310 }])).toEqual([piece(10, 20), piece(300, 310)]);
  expect(withinSpans(pieces, [])).toEqual([]);
});
