import { describe, expect, it } from "vitest";
import { anyPoint, chance } from "./chance";
import { areaOf, crossesItself, distance, encloses, inside, nearestOn, rectangle, type Point } from "./outline";

const SQUARE: Point[] = [[0.2, 0.2], [0.8, 0.2], [0.8, 0.8], [0.2, 0.8]];

describe("an outline", () => {
  it("that goes straight around does not cross itself, and a bow tie does", () => {
    expect(crossesItself(SQUARE)).toBe(false);
    expect(crossesItself([[0, 0], [1, 1], [1, 0], [0, 1]])).toBe(true);
  });

  it("that touches itself crosses itself: a point on an edge, an edge on an edge", () => {
    expect(crossesItself([[0, 0], [1, 0], [1, 1], [0.5, 0], [0, 1]])).toBe(true);
    expect(crossesItself([[0, 0], [1, 0], [1, 0.5], [0.2, 0], [0.8, 0], [0, 0.5]])).toBe(true);
  });

  it("of three points never crosses itself", () => {
    const next = chance(1);
    for (let i = 0; i < 500; i++) expect(crossesItself([anyPoint(next), anyPoint(next), anyPoint(next)])).toBe(false);
  });

  it("crosses itself whichever point it begins with, and whichever way round", () => {
    const next = chance(2);
    for (let i = 0; i < 500; i++) {
      const points = Array.from({ length: 6 }, () => anyPoint(next));
      const turned = [...points.slice(2), ...points.slice(0, 2)];
      expect(crossesItself(turned)).toBe(crossesItself(points));
      expect(crossesItself([...points].reverse())).toBe(crossesItself(points));
    }
  });

  it("around a middle encloses the middle and nothing beyond its farthest point", () => {
    const next = chance(3);
    for (let i = 0; i < 300; i++) {
      const count = 3 + Math.floor(next() * 6);
      const radii = Array.from({ length: count }, () => 0.1 + next() * 0.3);
      const points = radii.map((r, k): Point => [0.5 + r * Math.cos((k * 2 * Math.PI) / count), 0.5 + r * Math.sin((k * 2 * Math.PI) / count)]);
      expect(encloses(points, [0.5, 0.5])).toBe(true);
      expect(encloses(points, [0.5 + Math.max(...radii) + 0.01, 0.5])).toBe(false);
      expect(crossesItself(points)).toBe(false);
      expect(areaOf(points)).toBeLessThanOrEqual(Math.PI * Math.max(...radii) ** 2);
    }
  });

  it("has the area that a rectangle has", () => {
    expect(areaOf(SQUARE)).toBeCloseTo(0.36, 9);
    expect(areaOf(rectangle([0.9, 0.9], [0.1, 0.4]))).toBeCloseTo(0.4, 9);
  });
});

describe("a point", () => {
  it("is brought inside of the picture, and nothing inside is moved farther than a ten-thousandth", () => {
    expect(inside([-0.2, 1.7])).toEqual([0, 1]);
    const next = chance(4);
    for (let i = 0; i < 300; i++) {
      const point = anyPoint(next);
      expect(distance(point, inside(point), 1)).toBeLessThan(1e-4);
      expect(inside(inside(point))).toEqual(inside(point));
    }
  });

  it("is nowhere nearer to a way than at the nearest place on it", () => {
    const next = chance(5);
    for (let i = 0; i < 300; i++) {
      const [a, b, p] = [anyPoint(next), anyPoint(next), anyPoint(next)];
      const best = distance(nearestOn(a, b, p, 1.5), p, 1.5);
      for (let share = 0; share <= 1; share += 0.1) {
        const on: Point = [a[0] + share * (b[0] - a[0]), a[1] + share * (b[1] - a[1])];
        expect(best).toBeLessThanOrEqual(distance(on, p, 1.5) + 1e-9);
      }
    }
  });
});
