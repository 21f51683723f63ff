// Which part of the picture is looked at, and how large: from places on the screen to points of the picture. Pure.
import type { Point } from "./outline";

export const CLOSEST = 8;

/** A pane of `width` by `height` CSS pixels. At `zoom` 1 all of the picture fills it; `x`, `y` is what it begins with, 0-1. */
export interface Viewport {
  readonly width: number;
  readonly height: number;
  readonly zoom: number;
  readonly x: number;
  readonly y: number;
}

export const whole = (width: number, height: number): Viewport => ({ width, height, zoom: 1, x: 0, y: 0 });

export const aspectOf = (view: Viewport): number => view.width / view.height;

/** The point of the picture at `px`, `py` CSS pixels from the pane's top left. */
export function toPicture(view: Viewport, px: number, py: number): Point {
  return [view.x + px / view.width / view.zoom, view.y + py / view.height / view.zoom];
}

export function toScreen(view: Viewport, [x, y]: Point): Point {
  return [(x - view.x) * view.zoom * view.width, (y - view.y) * view.zoom * view.height];
}

/** So many CSS pixels in shares of the picture's width. */
export const shareOf = (view: Viewport, px: number): number => px / view.width / view.zoom;

/** Closer by `factor`, so that what lies at `px`, `py` stays there. */
export function zoomed(view: Viewport, factor: number, px: number = view.width / 2, py: number = view.height / 2): Viewport {
  const zoom = Math.min(CLOSEST, Math.max(1, view.zoom * factor));
  const [x, y] = toPicture(view, px, py);
  return bounded({ ...view, zoom, x: x - px / view.width / zoom, y: y - py / view.height / zoom });
}

/** Drag what is seen by so many CSS pixels. */
export function panned(view: Viewport, dx: number, dy: number): Viewport {
  return bounded({ ...view, x: view.x - dx / view.width / view.zoom, y: view.y - dy / view.height / view.zoom });
}

/** Two fingers: what was under them follows them. */
export function pinched(view: Viewport, from: readonly [Point, Point], to: readonly [Point, Point]): Viewport {
  const [was, is] = [span(from), span(to)];
  const moved = panned(view, is.x - was.x, is.y - was.y);
  return was.length > 0 ? zoomed(moved, is.length / was.length, is.x, is.y) : moved;
}

/** The same part of the picture in a pane of another size. */
export const resized = (view: Viewport, width: number, height: number): Viewport => bounded({ ...view, width, height });

/** `point` in sight, without looking from farther or closer. */
export function showing(view: Viewport, [x, y]: Point): Viewport {
  const seen = 1 / view.zoom;
  const edge = seen / 10;
  const shifted = (from: number, to: number) => (to < from + edge ? to - edge : to > from + seen - edge ? to - seen + edge : from);
  return bounded({ ...view, x: shifted(view.x, x), y: shifted(view.y, y) });
}

function bounded(view: Viewport): Viewport {
  const most = 1 - 1 / view.zoom;
  return { ...view, x: Math.min(most, Math.max(0, view.x)), y: Math.min(most, Math.max(0, view.y)) };
}

function span([a, b]: readonly [Point, Point]): { x: number; y: number; length: number } {
  return { x: (a[0] + b[0]) / 2, y: (a[1] + b[1]) / 2, length: Math.hypot(a[0] - b[0], a[1] - b[1]) };
}
