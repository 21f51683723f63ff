// What is wrong with a drawing, found before the camera is asked; each mistake has a word in every language. Pure.
import { areaOf, crossesItself } from "./outline";
import { fewest, isClosed, MOST_POINTS, MOST_SHAPES, pointCount, type Shape, type Sheet } from "./sheet";

const LEAST_AREA = 1e-4;
const LONGEST_NAME = 80;

export type Code = "crosses" | "small" | "few" | "nameless" | "long_name" | "same_name" | "same_point" | "many_points" | "many_shapes";

/** `id` is of the shape that is to blame, `null` when it is all of them together. */
export interface Mistake {
  readonly code: Code;
  readonly id: number | null;
}

export function mistakesIn(sheet: Sheet): Mistake[] {
  const found: Mistake[] = sheet.shapes.flatMap((shape) => mistakesOf(shape).map((code) => ({ code, id: shape.id })));
  if (sheet.shapes.length > MOST_SHAPES) found.push({ code: "many_shapes", id: null });
  if (pointCount(sheet) > MOST_POINTS) found.push({ code: "many_points", id: null });
  return [...found, ...sameNames(sheet)];
}

function mistakesOf(shape: Shape): Code[] {
  const found: Code[] = [];
  const name = shape.name.trim();
  if (!name) found.push("nameless");
  if ([...name].length > LONGEST_NAME) found.push("long_name");
  if (shape.points.length < fewest(shape.sort)) found.push("few");
  else if (isClosed(shape.sort)) {
    if (crossesItself(shape.points)) found.push("crosses");
    else if (areaOf(shape.points) < LEAST_AREA) found.push("small");
  } else if (shape.points.some((p, i) => i > 0 && p[0] === shape.points[i - 1]?.[0] && p[1] === shape.points[i - 1]?.[1])) found.push("same_point");
  return found;
}

/** Rules name their place: there two zones or lines of one name would be one. */
function sameNames(sheet: Sheet): Mistake[] {
  const seen = new Set<string>();
  return sheet.shapes.flatMap((shape) => {
    if (shape.sort === "mask" || shape.sort === "own") return [];
    const again = seen.has(shape.name.trim());
    seen.add(shape.name.trim());
    return again ? [{ code: "same_name" as const, id: shape.id }] : [];
  });
}
