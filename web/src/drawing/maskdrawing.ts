// Masks between the camera's form and the sheet that is edited. Pure.
import type { Point } from "./outline";
import type { Reason, Shape, Sheet } from "./sheet";

export interface DrawnOn {
  width: number;
  height: number;
  rotation: number;
}

/** As `edgecam masks draw` takes it. */
export interface Drawing {
  picture: DrawnOn | null;
  margin: number;
  masks: { name: string; reason: string; polygon: Point[] }[];
  own: { name: string; polygon: Point[] }[];
}

const REASONS: readonly string[] = ["neighbour", "public_road", "other"];

/** Masks first, then one's own property. */
export function sheetOfDrawing(drawing: Drawing): Sheet {
  const masks = drawing.masks.map((mask, i): Shape => ({
    id: i + 1,
    sort: "mask",
    name: mask.name,
    reason: (REASONS.includes(mask.reason) ? mask.reason : "other") as Reason,
    points: mask.polygon,
  }));
  const own = drawing.own.map((area, i): Shape => ({ id: masks.length + i + 1, sort: "own", name: area.name, reason: "other", points: area.polygon }));
  return { margin: drawing.margin, shapes: [...masks, ...own], rules: [] };
}

/** `picture` is what it is drawn on. */
export function drawingOf(sheet: Sheet, picture: DrawnOn | null): Drawing {
  const named = (shape: Shape) => ({ name: shape.name.trim(), polygon: [...shape.points] });
  return {
    picture,
    margin: sheet.margin,
    masks: sheet.shapes.filter((shape) => shape.sort === "mask").map((shape) => ({ ...named(shape), reason: shape.reason })),
    own: sheet.shapes.filter((shape) => shape.sort === "own").map(named),
  };
}

/** The shape that the camera's `field` (as `masks.0.polygon`) is about. */
export function shapeAt(sheet: Sheet, field: string): Shape | undefined {
  const [list, number] = field.split(".");
  const sort = list === "masks" ? "mask" : list === "own" ? "own" : list;
  return sheet.shapes.filter((shape) => shape.sort === sort)[Number(number)];
}
