import { expect, test } from "vitest";
import { Shelf } from "./shelf";

/** Two runs of one-second segments with four frames each: media time 100-103 and 160-162, moments from 5,000 s. */
function shelf(): Shelf {
  const made = new Shelf();
  for (const startS of [100, 101, 102, 160, 161])
    made.put({ startS, endS: startS + 1, startMs: (4900 + startS) * 1000, frames: [0, 0.25, 0.5, 0.75].map((s) => startS + s) });
  return made;
}

test("media time and moments go over into each other", () => {
  expect(shelf().momentAt(101.5)).toBe(5_001_500);
  expect(shelf().timeOf(5_001_500)).toBe(101.5);
  expect(shelf().momentAt(99)).toBeNull();
  expect(shelf().timeOf(5_010_000)).toBeNull();
  expect(shelf().momentAt(110)).toBe(5_003_000);
});

test("a break is found from anywhere before it, and there is none after the last", () => {
  for (const atS of [100, 102.9, 120]) expect(shelf().breakAfter(atS)?.next.startS).toBe(160);
  expect(shelf().breakAfter(160.5)).toBeNull();
  expect(new Shelf().breakAfter(5)).toBeNull();
});

test("what lies ahead is footage, without the gap", () => {
  expect(shelf().aheadS(101.5)).toBe(3.5);
  expect(shelf().aheadS(0)).toBe(5);
  expect(shelf().aheadS(200)).toBe(0);
});

test("steps go from frame to frame, over the borders of segments and of gaps", () => {
  expect(shelf().frameBeside(101.3, 1)).toBe(101.5);
  expect(shelf().frameBeside(101.3, -1)).toBe(101);
  expect(shelf().frameBeside(101.8, 1)).toBe(102);
  expect(shelf().frameBeside(101.0, -1)).toBe(100.75);
  expect(shelf().frameBeside(102.8, 1)).toBe(160);
  expect(shelf().frameBeside(160, -1)).toBe(102.75);
  expect(shelf().frameBeside(161.9, 1)).toBeNull();
  expect(shelf().frameBeside(100, -1)).toBeNull();
});

test("what was watched is forgotten", () => {
  const made = shelf();
  made.dropBefore(102);
  expect(made.first?.startS).toBe(102);
  made.dropBefore(1000);
  expect(made.first).toBeUndefined();
});
