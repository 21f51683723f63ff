import { describe, expect, it } from "vitest";
import { dayAround, LONGEST_MS, stretchesAround } from "./spans";

const HOUR_MS = 3_600_000;

describe("stretches that are asked for", () => {
  it("hold every moment, apart where nothing was noticed for long", () => {
    const moments = [10 * HOUR_MS, 10 * HOUR_MS + 60_000, 20 * HOUR_MS, 5000];
    const found = stretchesAround(moments);
    expect(found).toHaveLength(3);
    for (const ms of moments) expect(found.some(({ fromMs, toMs }) => fromMs <= ms && toMs >= ms + 60_000)).toBe(true);
  });

  it("are never longer than a day", () => {
    const busy = Array.from({ length: 400 }, (_, n) => n * 20 * 60_000);
    expect(Math.max(...stretchesAround(busy).map(({ fromMs, toMs }) => toMs - fromMs))).toBeLessThanOrEqual(LONGEST_MS);
    expect(stretchesAround([])).toEqual([]);
  });

  it("are a day from midnight to midnight here", () => {
    const { fromMs, toMs } = dayAround(Date.now());
    expect(new Date(fromMs).getHours()).toBe(0);
    expect([23, 24, 25]).toContain((toMs - fromMs) / HOUR_MS);
  });
});
