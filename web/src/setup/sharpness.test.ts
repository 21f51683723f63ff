import { describe, expect, it } from "vitest";
import { Focus, sharpness } from "./sharpness";

const WIDTH = 40;
const HEIGHT = 30;

/** A grey picture of `light(x, y)`. */
function picture(light: (x: number, y: number) => number): number[] {
  return Array.from({ length: WIDTH * HEIGHT }, (_, n) => light(n % WIDTH, Math.floor(n / WIDTH))).flatMap((one) => [one, one, one, 255]);
}
const bars = (x: number): number => (x % 8 < 4 ? 40 : 210);
/** The bars behind glass that spreads each pixel over `radius` neighbours. */
const blurred = (radius: number) => (x: number) =>
  Array.from({ length: 2 * radius + 1 }, (_, n) => bars(x + n + 8 * radius - radius)).reduce((a, b) => a + b) / (2 * radius + 1);

describe("sharpness", () => {
  it("is nothing for a plain picture and for a slope of light", () => {
    expect(sharpness(picture(() => 90), WIDTH, HEIGHT)).toBeCloseTo(0, 6);
    expect(sharpness(picture((x, y) => 2 * x + y), WIDTH, HEIGHT)).toBeCloseTo(0, 6);
    expect(sharpness([], 0, 0)).toBe(0);
  });

  it("falls the more the lens is out of focus", () => {
    const figures = [0, 1, 2, 3].map((radius) => sharpness(picture(blurred(radius)), WIDTH, HEIGHT));
    expect([...figures].sort((a, b) => b - a)).toEqual(figures);
    expect(figures[3]).toBeLessThan((figures[0] ?? 0) / 4);
  });
});

describe("Focus", () => {
  it("says 1 at the best focus so far, and less after it is lost", () => {
    const focus = new Focus();
    for (const figure of [10, 50, 200]) expect(focus.add(figure).share).toBe(1);
    let share = 1;
    for (let n = 0; n < 10; n++) share = focus.add(20).share;
    expect(share).toBeLessThan(0.4);
  });
});
