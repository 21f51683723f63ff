// A sheet: everything that is drawn on one picture, as a value that edits make another one of. Pure.
import { inside, midpoint, moved, within, at, type Point } from "./outline";

export type Sort = "mask" | "own" | "zone" | "line";
export type Reason = "neighbour" | "public_road" | "other";

/** One outline. `id` is of this page alone; `reason` is a mask's. */
export interface Shape {
  readonly id: number;
  readonly sort: Sort;
  readonly name: string;
  readonly reason: Reason;
  readonly points: readonly Point[];
}

/** A rule at `place`, the id of a zone or line; `null` for the whole picture. `table` is as it stands in TOML. */
export interface PlacedRule {
  readonly key: number;
  readonly place: number | null;
  readonly table: Readonly<Record<string, unknown>>;
}

/**
 * `margin` is a part of the picture's width that is hidden around everything that is masked; `rules` are those of zones and
 * lines. Masks and zones never share a sheet.
 */
export interface Sheet {
  readonly margin: number;
  readonly shapes: readonly Shape[];
  readonly rules: readonly PlacedRule[];
}

export const NO_SHEET: Sheet = { margin: 0.01, shapes: [], rules: [] };
export const MOST_POINTS = 1000;
export const MOST_SHAPES = 64;

/** How few points a shape of `sort` has. */
export const fewest = (sort: Sort): number => (sort === "line" ? 2 : 3);
export const isClosed = (sort: Sort): boolean => sort !== "line";

export const shapeOf = (sheet: Sheet, id: number): Shape | undefined => sheet.shapes.find((shape) => shape.id === id);
export const pointCount = (sheet: Sheet): number => sheet.shapes.reduce((sum, shape) => sum + shape.points.length, 0);

/** An id that no shape of `sheet` has. */
export const nextId = (sheet: Sheet): number => 1 + Math.max(0, ...sheet.shapes.map((shape) => shape.id));

/** Whether there is room for `points` more points and, where they are of a new one, for one more shape. */
export function hasRoom(sheet: Sheet, points: number, shapes = 0): boolean {
  return pointCount(sheet) + points <= MOST_POINTS && sheet.shapes.length + shapes <= MOST_SHAPES;
}

export function added(sheet: Sheet, shape: Shape): Sheet {
  if (!hasRoom(sheet, shape.points.length, 1)) return sheet;
  return { ...sheet, shapes: [...sheet.shapes, { ...shape, points: shape.points.map(inside) }] };
}

export const removed = (sheet: Sheet, id: number): Sheet => ({ ...sheet, shapes: sheet.shapes.filter((shape) => shape.id !== id) });

export function described(sheet: Sheet, id: number, words: Partial<Pick<Shape, "name" | "reason" | "sort">>): Sheet {
  return changed(sheet, id, (shape) => ({ ...shape, ...words }));
}

export const withMargin = (sheet: Sheet, margin: number): Sheet => ({ ...sheet, margin: Math.min(0.1, Math.max(0, margin)) });

/** Put point `index` of shape `id` at `to`, inside the picture. */
export function pointMoved(sheet: Sheet, id: number, index: number, to: Point): Sheet {
  return changed(sheet, id, (shape) => ({ ...shape, points: shape.points.map((p, i) => (i === index ? inside(to) : p)) }));
}

/** Insert `point`, or the middle of the edge, after point `index`. */
export function pointInserted(sheet: Sheet, id: number, index: number, point?: Point): Sheet {
  if (!hasRoom(sheet, 1)) return sheet;
  return changed(sheet, id, (shape) => {
    const points = [...shape.points];
    const here = at(points, index);
    const isEnd = !isClosed(shape.sort) && index === points.length - 1;
    // Beyond the end of a line it goes on as it went.
    const usual = isEnd ? beyond(at(points, index - 1), here) : midpoint(here, at(points, index + 1));
    points.splice(index + 1, 0, inside(point ?? usual));
    return { ...shape, points };
  });
}

/** Take point `index` away; a shape that would have too few is left as it is. */
export function pointDeleted(sheet: Sheet, id: number, index: number): Sheet {
  return changed(sheet, id, (shape) =>
    shape.points.length <= fewest(shape.sort) ? shape : { ...shape, points: shape.points.filter((_, i) => i !== index) },
  );
}

/** Move the whole shape, as far as the picture reaches: its form stays. */
export function shapeMoved(sheet: Sheet, id: number, dx: number, dy: number): Sheet {
  return changed(sheet, id, (shape) => {
    const [right, down] = [bounded(dx, shape.points.map((p) => p[0])), bounded(dy, shape.points.map((p) => p[1]))];
    return { ...shape, points: shape.points.map((point) => inside(moved(point, right, down))) };
  });
}

/** The other way round: for a line, what was its left side is its right one. */
export const reversed = (sheet: Sheet, id: number): Sheet => changed(sheet, id, (shape) => ({ ...shape, points: [...shape.points].reverse() }));

function changed(sheet: Sheet, id: number, change: (shape: Shape) => Shape): Sheet {
  const shapes = sheet.shapes.map((shape) => (shape.id === id ? change(shape) : shape));
  return shapes.every((shape, i) => shape === sheet.shapes[i]) ? sheet : { ...sheet, shapes };
}

function bounded(by: number, values: readonly number[]): number {
  return Math.min(1 - Math.max(...values), Math.max(-Math.min(...values), by));
}

function beyond(before: Point, last: Point): Point {
  return [within(last[0] + (last[0] - before[0]) / 2), within(last[1] + (last[1] - before[1]) / 2)];
}
