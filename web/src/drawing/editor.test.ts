import { describe, expect, it } from "vitest";
import { anyPoint, chance, oneOf } from "./chance";
import * as e from "./editor";
import { hitAt } from "./hit";
import { pressed, type Key } from "./keys";
import { areaOf, type Point } from "./outline";
import { fewest, MOST_POINTS, MOST_SHAPES, NO_SHEET, pointCount, shapeOf, type Sheet } from "./sheet";

const ASPECT = 16 / 9;
const REACH = 0.02;

function drawn(points: readonly Point[], editor = e.editorOf(NO_SHEET)): e.Editor {
  const began = e.began(editor, "mask", "next door");
  return e.finished(points.reduce((now, point) => e.placed(now, point, REACH, ASPECT), began));
}

const TRIANGLE: Point[] = [[0.3, 0.3], [0.7, 0.3], [0.5, 0.7]];

describe("drawing", () => {
  it("puts an outline into the sheet when it is finished, and selects it", () => {
    const editor = drawn(TRIANGLE);
    expect(e.sheetOf(editor).shapes.map((shape) => [shape.name, shape.points])).toEqual([["next door", TRIANGLE]]);
    expect(editor.selection).toEqual({ id: 1, index: null });
    expect(editor.pending).toBeNull();
  });

  it("is finished by a tap on the first point, not by one elsewhere", () => {
    const began = e.began(e.editorOf(NO_SHEET), "mask", "m");
    const three = TRIANGLE.reduce((now, point) => e.placed(now, point, REACH, ASPECT), began);
    expect(e.placed(three, [0.31, 0.305], REACH, ASPECT).pending).toBeNull();
    expect(e.placed(three, [0.4, 0.305], REACH, ASPECT).pending?.points).toHaveLength(4);
  });

  it("does not finish what has too few points, and leaves nothing behind when it is cancelled", () => {
    const began = e.began(e.editorOf(NO_SHEET), "mask", "m");
    const two = e.placed(e.placed(began, [0.2, 0.2], REACH, ASPECT), [0.5, 0.2], REACH, ASPECT);
    expect(e.finished(two).pending?.points).toHaveLength(2);
    expect(e.sheetOf(e.cancelled(two))).toBe(NO_SHEET);
  });

  it("snaps to the picture's edge, so that no strip stays open along it", () => {
    const [shape] = e.sheetOf(drawn([[0.004, 0.006], [0.5, 0.3], [0.3, 0.995]])).shapes;
    expect(shape?.points).toEqual([[0, 0], [0.5, 0.3], [0.3, 1]]);
  });

  it("makes a rectangle of one stroke", () => {
    const began = e.began(e.editorOf(NO_SHEET), "own", "garden");
    const [shape] = e.sheetOf(e.boxed(began, [0.8, 0.7], [0.2, 0.3], REACH, ASPECT)).shapes;
    expect(shape?.points).toEqual([[0.2, 0.3], [0.8, 0.3], [0.8, 0.7], [0.2, 0.7]]);
  });

  it("stops at the most that the camera takes", () => {
    const shape = { id: 1, sort: "mask" as const, name: "m", reason: "other" as const, points: Array.from({ length: MOST_POINTS }, (): Point => [0.5, 0.5]) };
    const full = e.editorOf({ ...NO_SHEET, shapes: [shape] });
    expect(e.pointAdded(e.selected(full, 1, 3)).history).toBe(full.history);
    expect(e.began(full, "mask", "m").pending).toBeNull();
    const many = e.editorOf({ ...NO_SHEET, shapes: Array.from({ length: MOST_SHAPES }, (_, i) => ({ ...shape, id: i + 1, points: TRIANGLE })) });
    expect(e.began(many, "mask", "m").pending).toBeNull();
  });
});

describe("dragging", () => {
  it("is one edit, however many places it comes through", () => {
    const editor = drawn(TRIANGLE);
    const hit = hitAt(e.sheetOf(editor), 1, [0.302, 0.301], REACH, ASPECT);
    if (!hit) throw new Error("nothing was hit");
    let { editor: now, grip } = e.gripped(editor, hit, [0.3, 0.3]);
    now = e.dragged(now, grip, [0.2, 0.2], true, REACH, ASPECT);
    now = e.dragged(now, grip, [0.1, 0.4], false, REACH, ASPECT);
    expect(shapeOf(e.sheetOf(now), 1)?.points[0]).toEqual([0.1, 0.4]);
    expect(e.sheetOf(e.undo(now))).toBe(e.sheetOf(editor));
  });

  it("out of the middle of an edge is a new point", () => {
    const hit = hitAt(e.sheetOf(drawn(TRIANGLE)), 1, [0.5, 0.3], REACH, ASPECT);
    expect(hit).toEqual({ on: "edge", id: 1, index: 0 });
    if (!hit) return;
    const { editor, grip } = e.gripped(drawn(TRIANGLE), hit, [0.5, 0.3]);
    const now = e.dragged(editor, grip, [0.5, 0.1], true, REACH, ASPECT);
    expect(shapeOf(e.sheetOf(now), 1)?.points).toEqual([[0.3, 0.3], [0.5, 0.1], [0.7, 0.3], [0.5, 0.7]]);
    expect(e.sheetOf(e.undo(now))).toEqual(e.sheetOf(drawn(TRIANGLE)));
  });

  it("of a whole outline keeps its form at the picture's edge", () => {
    const { editor, grip } = e.gripped(drawn(TRIANGLE), { on: "shape", id: 1 }, [0.5, 0.5]);
    const points = shapeOf(e.sheetOf(e.dragged(editor, grip, [5, -3], true, REACH, ASPECT)), 1)?.points ?? [];
    expect(points).toEqual([[0.6, 0], [1, 0], [0.8, 0.4]]);
  });

  it("takes hold of the smallest thing under a finger: point, edge, outline", () => {
    const sheet = e.sheetOf(drawn([[0.35, 0.35], [0.45, 0.35], [0.4, 0.45]], drawn(TRIANGLE)));
    expect(hitAt(sheet, null, [0.4, 0.38], REACH, ASPECT)).toEqual({ on: "shape", id: 2 });
    expect(hitAt(sheet, 1, [0.4, 0.38], REACH, ASPECT)).toEqual({ on: "shape", id: 1 });
    expect(hitAt(sheet, 1, [0.69, 0.31], REACH, ASPECT)).toEqual({ on: "point", id: 1, index: 1 });
    expect(hitAt(sheet, null, [0.05, 0.9], REACH, ASPECT)).toBeNull();
  });
});

describe("the keyboard", () => {
  const key = (name: string, shift = false, control = false): Key => ({ key: name, shift, control });
  const type = (editor: e.Editor, ...keys: (string | Key)[]) =>
    keys.reduce((now, one) => pressed(now, typeof one === "string" ? key(one) : one, ASPECT) ?? now, editor);

  it("draws an outline without a pointer", () => {
    const far = (name: string) => Array.from({ length: 10 }, () => key(name, true));
    const began = e.began(e.editorOf(NO_SHEET), "mask", "m", [0.4, 0.4]);
    const editor = type(began, "Enter", ...far("ArrowRight"), "Enter", ...far("ArrowDown"), "Enter", "Enter");
    const points = e.sheetOf(editor).shapes[0]?.points ?? [];
    expect(points).toHaveLength(3);
    expect(points[0]).toEqual([0.4, 0.4]);
    expect(points[1]).toEqual([0.6, 0.4]);
    expect(points[2]?.[1]).toBeCloseTo(0.4 + 0.2 * ASPECT, 3);
  });

  it("moves a point, farther with shift, and the whole outline when no point is chosen", () => {
    const chosen = e.selected(drawn(TRIANGLE), 1, 0);
    expect(shapeOf(e.sheetOf(type(chosen, "ArrowLeft")), 1)?.points[0]).toEqual([0.298, 0.3]);
    expect(shapeOf(e.sheetOf(type(chosen, key("ArrowLeft", true))), 1)?.points[0]).toEqual([0.28, 0.3]);
    const all = shapeOf(e.sheetOf(type(drawn(TRIANGLE), key("ArrowRight", true))), 1)?.points;
    expect(all).toEqual([[0.32, 0.3], [0.72, 0.3], [0.52, 0.7]]);
  });

  it("inserts and deletes points, keeps the fewest, and deletes an outline", () => {
    const four = type(e.selected(drawn(TRIANGLE), 1, 2), "Insert");
    expect(shapeOf(e.sheetOf(four), 1)?.points).toHaveLength(4);
    expect(four.selection).toEqual({ id: 1, index: 3 });
    const three = type(four, "Delete");
    expect(shapeOf(e.sheetOf(three), 1)?.points).toEqual(TRIANGLE);
    expect(shapeOf(e.sheetOf(type(three, "Delete")), 1)?.points).toEqual(TRIANGLE);
    expect(e.sheetOf(type(three, "Escape")).shapes).toHaveLength(1);
    expect(type(drawn(TRIANGLE), "Backspace").selection).toBeNull();
    expect(e.sheetOf(type(drawn(TRIANGLE), "Backspace")).shapes).toHaveLength(0);
  });

  it("takes back and does again, and leaves alone what means nothing here", () => {
    const editor = type(drawn(TRIANGLE), key("z", false, true));
    expect(e.sheetOf(editor)).toBe(NO_SHEET);
    expect(e.sheetOf(type(editor, key("Z", true, true))).shapes).toHaveLength(1);
    expect(e.sheetOf(type(editor, key("y", false, true))).shapes).toHaveLength(1);
    expect(pressed(editor, key("Tab"), ASPECT)).toBeNull();
    expect(pressed(editor, key("a", false, true), ASPECT)).toBeNull();
  });
});

describe("any row of edits", () => {
  const next = chance(11);
  const edits: ((editor: e.Editor) => e.Editor)[] = [
    (now) => drawn(Array.from({ length: 3 + Math.floor(next() * 3) }, () => anyPoint(next)), now),
    (now) => e.pointAdded(now),
    (now) => e.selectionRemoved(now),
    (now) => e.nudged(now, next() - 0.5, next() - 0.5),
    (now) => {
      const at = anyPoint(next);
      const hit = hitAt(e.sheetOf(now), now.selection?.id ?? null, at, 0.1, ASPECT);
      if (!hit) return e.selected(now, null);
      const { editor, grip } = e.gripped(now, hit, at);
      return e.dragged(e.dragged(editor, grip, anyPoint(next), true, REACH, ASPECT), grip, [next() * 3 - 1, next() * 3 - 1], false, REACH, ASPECT);
    },
    (now) => e.undo(now),
    (now) => e.redo(now),
  ];

  function check(sheet: Sheet) {
    expect(pointCount(sheet)).toBeLessThanOrEqual(MOST_POINTS);
    expect(new Set(sheet.shapes.map((shape) => shape.id)).size).toBe(sheet.shapes.length);
    for (const shape of sheet.shapes) {
      expect(shape.points.length).toBeGreaterThanOrEqual(fewest(shape.sort));
      expect(shape.points.every((p) => p.every((value) => value >= 0 && value <= 1))).toBe(true);
      expect(areaOf(shape.points)).toBeLessThanOrEqual(1);
    }
  }

  it("leaves a sheet in which every point is inside, and taking all of it back gives the beginning", () => {
    for (let row = 0; row < 60; row++) {
      let editor = e.editorOf(NO_SHEET);
      for (let step = 0; step < 25; step++) {
        editor = oneOf(next, edits)(editor);
        check(e.sheetOf(editor));
        const { selection } = editor;
        if (selection) expect(shapeOf(e.sheetOf(editor), selection.id)).toBeDefined();
      }
      const end = e.sheetOf(editor);
      let taken = editor;
      let steps = 0;
      while (e.mayUndo(taken)) [taken, steps] = [e.undo(taken), steps + 1];
      expect(e.sheetOf(taken)).toEqual(NO_SHEET);
      for (let i = 0; i < steps + editor.history.future.length; i++) taken = e.redo(taken);
      let ahead = editor;
      while (e.mayRedo(ahead)) ahead = e.redo(ahead);
      expect(e.sheetOf(taken)).toEqual(e.sheetOf(ahead));
      expect(end).toBeDefined();
    }
  });

  it("keeps no more than 200 steps to take back", () => {
    let editor = drawn(TRIANGLE);
    for (let i = 0; i < 500; i++) editor = e.nudged(editor, i % 2 ? 0.01 : -0.01, 0);
    let steps = 0;
    while (e.mayUndo(editor)) [editor, steps] = [e.undo(editor), steps + 1];
    expect(steps).toBe(200);
  });
});
