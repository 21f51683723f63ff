// What a finger or a mouse means at a place of the picture. Pure.
import { at, distance, encloses, midpoint, nearestOn, type Point } from "./outline";
import { isClosed, shapeOf, type Shape, type Sheet } from "./sheet";

/** `index` of an edge is that of the point where it begins. */
export type Hit =
  | { readonly on: "point" | "edge"; readonly id: number; readonly index: number }
  | { readonly on: "shape"; readonly id: number };

/**
 * What lies at `point`, within `reach` of the picture's width: of the selected shape its points, then the middles of its
 * edges; then any shape, the smallest thing last drawn first.
 */
export function hitAt(sheet: Sheet, selected: number | null, point: Point, reach: number, aspect: number): Hit | null {
  const chosen = selected === null ? undefined : shapeOf(sheet, selected);
  if (chosen) {
    const index = nearest(chosen.points, point, reach, aspect);
    if (index !== null) return { on: "point", id: chosen.id, index };
    const edge = nearest(edgeMiddles(chosen), point, reach, aspect);
    if (edge !== null) return { on: "edge", id: chosen.id, index: edge };
    if (lies(chosen, point, reach, aspect)) return { on: "shape", id: chosen.id };
  }
  const found = [...sheet.shapes].reverse().find((shape) => lies(shape, point, reach, aspect));
  return found ? { on: "shape", id: found.id } : null;
}

/** Where a point may be drawn out of an edge: the middles of all edges, in the order of their beginnings. */
export function edgeMiddles(shape: Shape): Point[] {
  const edges = isClosed(shape.sort) ? shape.points.length : shape.points.length - 1;
  return Array.from({ length: edges }, (_, i) => midpoint(at(shape.points, i), at(shape.points, i + 1)));
}

/** `point`, drawn to the picture's edge when it is nearer than `reach` of its width: masks are to reach it. */
export function snapped([x, y]: Point, reach: number, aspect: number): Point {
  const drawn = (value: number, near: number) => (value < near ? 0 : value > 1 - near ? 1 : value);
  return [drawn(x, reach), drawn(y, reach * aspect)];
}

function nearest(points: readonly Point[], point: Point, reach: number, aspect: number): number | null {
  let [best, found] = [reach, null as number | null];
  points.forEach((candidate, index) => {
    const away = distance(candidate, point, aspect);
    if (away <= best) [best, found] = [away, index];
  });
  return found;
}

function lies(shape: Shape, point: Point, reach: number, aspect: number): boolean {
  if (isClosed(shape.sort) && encloses(shape.points, point)) return true;
  const edges = isClosed(shape.sort) ? shape.points.length : shape.points.length - 1;
  for (let i = 0; i < edges; i++) {
    const near = nearestOn(at(shape.points, i), at(shape.points, i + 1), point, aspect);
    if (distance(near, point, aspect) <= reach) return true;
  }
  return false;
}
