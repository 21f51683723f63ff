import { describe, expect, it } from "vitest";
import { anyPoint, chance } from "./chance";
import { CLOSEST, panned, pinched, resized, showing, toPicture, toScreen, whole, zoomed, type Viewport } from "./viewport";

const next = chance(21);

function anyView(): Viewport {
  let view = whole(300 + next() * 1200, 200 + next() * 700);
  for (let i = 0; i < 4; i++) view = panned(zoomed(view, 0.5 + next() * 2.5, next() * view.width, next() * view.height), next() * 400 - 200, next() * 400 - 200);
  return view;
}

const isInside = (view: Viewport) => view.zoom >= 1 && view.zoom <= CLOSEST && [view.x, view.y].every((v) => v >= 0 && v <= 1 - 1 / view.zoom + 1e-12);

describe("looking at a part of the picture", () => {
  it("goes from the screen to the picture and back", () => {
    for (let i = 0; i < 300; i++) {
      const view = anyView();
      const [px, py] = [next() * view.width, next() * view.height];
      const [x, y] = toScreen(view, toPicture(view, px, py));
      expect(x).toBeCloseTo(px, 6);
      expect(y).toBeCloseTo(py, 6);
    }
  });

  it("never shows what is beside the picture", () => {
    for (let i = 0; i < 300; i++) {
      const view = anyView();
      expect(isInside(view)).toBe(true);
      expect(isInside(resized(view, 360, 640))).toBe(true);
      expect(isInside(showing(view, anyPoint(next)))).toBe(true);
    }
  });

  it("zooms around what is under the fingers, as far as the picture reaches", () => {
    const view = whole(800, 450);
    const closer = zoomed(view, 2, 200, 100);
    const [x, y] = toScreen(closer, toPicture(view, 200, 100));
    expect([x, y].map(Math.round)).toEqual([200, 100]);
    expect(zoomed(closer, 0.01)).toEqual(view);
    expect(zoomed(closer, 1e6).zoom).toBe(CLOSEST);
  });

  it("follows two fingers: what was between them stays between them", () => {
    const view = zoomed(whole(800, 450), 2);
    const between = toPicture(view, 400, 225);
    const now = pinched(view, [[350, 225], [450, 225]], [[330, 245], [510, 245]]);
    const [x, y] = toScreen(now, between);
    expect([x, y].map(Math.round)).toEqual([420, 245]);
    expect(now.zoom).toBeCloseTo(3.6, 6);
  });

  it("brings a point into sight", () => {
    for (let i = 0; i < 300; i++) {
      const view = anyView();
      const point = anyPoint(next);
      const [x, y] = toScreen(showing(view, point), point);
      expect(x >= -1e-6 && x <= view.width + 1e-6 && y >= -1e-6 && y <= view.height + 1e-6).toBe(true);
    }
  });
});
