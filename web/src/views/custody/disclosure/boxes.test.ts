// Boxes drawn with a finger, in pixels of the film.
import { expect, test } from "vitest";
import { boxBetween } from "./boxes";

const SHOWN = { width: 400, height: 200 };
const OWN = { width: 1280, height: 640 };

test("whichever way it is drawn, it has its corners in order and in the picture's own pixels", () => {
  expect(boxBetween({ x: 100, y: 50 }, { x: 200, y: 100 }, SHOWN, OWN)).toEqual([320, 160, 640, 320]);
  expect(boxBetween({ x: 200, y: 100 }, { x: 100, y: 50 }, SHOWN, OWN)).toEqual([320, 160, 640, 320]);
});

test("it ends at the picture's edge", () => {
  expect(boxBetween({ x: 300, y: 150 }, { x: 999, y: -40 }, SHOWN, OWN)).toEqual([960, 0, 1280, 480]);
});

test("a tap is none", () => {
  expect(boxBetween({ x: 100, y: 50 }, { x: 100.5, y: 50 }, SHOWN, OWN)).toBeNull();
});
