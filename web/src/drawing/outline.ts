// Rows of points on the picture, 0-1 from its top left: what they enclose, and whether they are sound. Pure.

export type Point = readonly [x: number, y: number];

/** What a pointer or a key gives is never finer than this: a tenth of a pixel of a 1000 pixels wide picture. */
const FINEST = 1e4;

/** `value` inside the picture, and no finer than anybody can point. */
export function within(value: number): number {
  return Math.round(Math.min(1, Math.max(0, value)) * FINEST) / FINEST;
}

export const inside = ([x, y]: Point): Point => [within(x), within(y)];

export const moved = ([x, y]: Point, dx: number, dy: number): Point => [x + dx, y + dy];

/** In the picture's width, for a picture that is `aspect` times as wide as high. */
export function distance(a: Point, b: Point, aspect: number): number {
  return Math.hypot(a[0] - b[0], (a[1] - b[1]) / aspect);
}

/** The share of the picture inside a closed outline that does not cross itself. */
export function areaOf(points: readonly Point[]): number {
  let twice = 0;
  points.forEach(([xa, ya], i) => {
    const [xb, yb] = at(points, i + 1);
    twice += xa * yb - xb * ya;
  });
  return Math.abs(twice) / 2;
}

/** Whether two edges of a closed outline that are not neighbours touch. */
export function crossesItself(points: readonly Point[]): boolean {
  const count = points.length;
  for (let i = 0; i < count; i++)
    for (let j = i + 2; j < count; j++) {
      if (i === 0 && j === count - 1) continue;
      if (touch(at(points, i), at(points, i + 1), at(points, j), at(points, j + 1))) return true;
    }
  return false;
}

/** Whether `point` lies inside a closed outline: whatever it goes around counts as inside. */
export function encloses(points: readonly Point[], [x, y]: Point): boolean {
  let winding = 0;
  points.forEach((a, i) => {
    const b = at(points, i + 1);
    if (a[1] <= y !== b[1] <= y && turn(a, b, [x, y]) > 0 === b[1] > a[1]) winding += b[1] > a[1] ? 1 : -1;
  });
  return winding !== 0;
}

/** The point of the way from `a` to `b` that is nearest to `p`. */
export function nearestOn(a: Point, b: Point, p: Point, aspect: number): Point {
  const dx = b[0] - a[0];
  const dy = (b[1] - a[1]) / aspect;
  const length = dx * dx + dy * dy;
  if (length === 0) return a;
  const along = ((p[0] - a[0]) * dx + ((p[1] - a[1]) / aspect) * dy) / length;
  const share = Math.min(1, Math.max(0, along));
  return [a[0] + share * (b[0] - a[0]), a[1] + share * (b[1] - a[1])];
}

export const midpoint = (a: Point, b: Point): Point => [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2];

/** The middle of all points; for a name that is to stand somewhere. */
export function middle(points: readonly Point[]): Point {
  const sum = points.reduce(([x, y], p) => [x + p[0], y + p[1]] as const, [0, 0] as const);
  return [sum[0] / points.length, sum[1] / points.length];
}

/** The four corners of the rectangle between `a` and `b`, clockwise from the top left. */
export function rectangle(a: Point, b: Point): Point[] {
  const [left, right] = [Math.min(a[0], b[0]), Math.max(a[0], b[0])];
  const [top, bottom] = [Math.min(a[1], b[1]), Math.max(a[1], b[1])];
  return [[left, top], [right, top], [right, bottom], [left, bottom]].map(([x, y]) => inside([x ?? 0, y ?? 0]));
}

/** The point after the last one is the first. */
export function at(points: readonly Point[], index: number): Point {
  const count = points.length;
  return points[((index % count) + count) % count] as Point;
}

function turn(a: Point, b: Point, c: Point): number {
  return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]);
}

function touch(a: Point, b: Point, c: Point, d: Point): boolean {
  const [ac, ad, ca, cb] = [turn(a, b, c), turn(a, b, d), turn(c, d, a), turn(c, d, b)].map(Math.sign) as [number, number, number, number];
  if (ac * ad < 0 && ca * cb < 0) return true;
  return (ac === 0 && between(a, b, c)) || (ad === 0 && between(a, b, d)) || (ca === 0 && between(c, d, a)) || (cb === 0 && between(c, d, b));
}

function between(a: Point, b: Point, p: Point): boolean {
  const low = (i: 0 | 1) => Math.min(a[i], b[i]) <= p[i] && p[i] <= Math.max(a[i], b[i]);
  return low(0) && low(1);
}
