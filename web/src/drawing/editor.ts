// The editor: a sheet with its history, what is selected, and the outline that is being drawn. Pure.
import { amended, begun, canRedo, canUndo, did, redone, undone, type History } from "./history";
import { snapped, type Hit } from "./hit";
import { distance, inside, rectangle, type Point } from "./outline";
import {
  added,
  fewest,
  hasRoom,
  isClosed,
  nextId,
  pointDeleted,
  pointInserted,
  pointMoved,
  removed,
  shapeMoved,
  shapeOf,
  type Sheet,
  type Sort,
} from "./sheet";

/** A shape, or one of its points. */
export interface Selection {
  readonly id: number;
  readonly index: number | null;
}

/** An outline that is not finished; `cursor` is where the next point goes by keyboard. */
export interface Pending {
  readonly sort: Sort;
  readonly name: string;
  readonly points: readonly Point[];
  readonly cursor: Point;
}

export interface Editor {
  readonly history: History<Sheet>;
  readonly selection: Selection | null;
  readonly pending: Pending | null;
}

/** What a pointer holds on to; `base` is the sheet when it took hold, `isEdit` whether taking hold was an edit already. */
export interface Grip {
  readonly base: Sheet;
  readonly isEdit: boolean;
  readonly id: number;
  readonly index: number | null;
  readonly from: Point;
}

export const editorOf = (sheet: Sheet): Editor => ({ history: begun(sheet), selection: null, pending: null });
export const sheetOf = (editor: Editor): Sheet => editor.history.now;

/** After an edit; a selection of what is gone is none. */
export function edited(editor: Editor, sheet: Sheet, selection = editor.selection): Editor {
  return { ...editor, history: did(editor.history, sheet), selection: kept(sheet, selection) };
}

/** After another letter of a name: however many are typed at once, they are one edit. */
export function typed(editor: Editor, sheet: Sheet, first: boolean): Editor {
  return { ...editor, history: first ? did(editor.history, sheet) : amended(editor.history, sheet) };
}

export function selected(editor: Editor, id: number | null, index: number | null = null): Editor {
  return { ...editor, selection: id === null ? null : kept(sheetOf(editor), { id, index }) };
}

/** Begin an outline; nothing of it is in the sheet before it is finished. */
export function began(editor: Editor, sort: Sort, name: string, cursor: Point = [0.5, 0.5]): Editor {
  if (!hasRoom(sheetOf(editor), fewest(sort), 1)) return editor;
  return { ...editor, selection: null, pending: { sort, name, points: [], cursor } };
}

/** Put a point of the pending outline at `to`; within `reach` of its first point it is finished. */
export function placed(editor: Editor, to: Point, reach: number, aspect: number): Editor {
  const pending = editor.pending;
  if (!pending) return editor;
  const [first, last] = [pending.points[0], pending.points.at(-1)];
  const point = inside(snapped(to, reach / 2, aspect));
  if (first && isClosed(pending.sort) && pending.points.length >= fewest(pending.sort) && distance(first, point, aspect) <= reach) return finished(editor);
  if (last && last[0] === point[0] && last[1] === point[1]) return editor;
  if (!hasRoom(sheetOf(editor), pending.points.length + 1, 1)) return editor;
  return { ...editor, pending: { ...pending, points: [...pending.points, point], cursor: point } };
}

/** The rectangle between two corners, finished. */
export function boxed(editor: Editor, a: Point, b: Point, reach: number, aspect: number): Editor {
  if (!editor.pending || !isClosed(editor.pending.sort)) return editor;
  const [from, to] = [inside(snapped(a, reach, aspect)), inside(snapped(b, reach, aspect))];
  return finished({ ...editor, pending: { ...editor.pending, points: rectangle(from, to) } });
}

/** Put the pending outline into the sheet, and select it; one with too few points stays pending. */
export function finished(editor: Editor): Editor {
  const { pending } = editor;
  const sheet = sheetOf(editor);
  if (!pending || pending.points.length < fewest(pending.sort)) return editor;
  const id = nextId(sheet);
  const { sort, name, points } = pending;
  const next = added(sheet, { id, sort, name, reason: "neighbour", points });
  return edited({ ...editor, pending: null }, next, { id, index: null });
}

export const cancelled = (editor: Editor): Editor => ({ ...editor, pending: null });

/** Take back the newest edit; while an outline is drawn, its newest point. */
export function undo(editor: Editor): Editor {
  const { pending } = editor;
  if (pending) return pending.points.length ? { ...editor, pending: { ...pending, points: pending.points.slice(0, -1) } } : cancelled(editor);
  return back(editor, undone(editor.history));
}

export const redo = (editor: Editor): Editor => (editor.pending ? editor : back(editor, redone(editor.history)));
export const mayUndo = (editor: Editor): boolean => editor.pending !== null || canUndo(editor.history);
export const mayRedo = (editor: Editor): boolean => editor.pending === null && canRedo(editor.history);

/** Take hold of what was hit: what is drawn out of an edge is a new point. */
export function gripped(editor: Editor, hit: Hit, from: Point): { editor: Editor; grip: Grip } {
  if (hit.on === "edge") {
    const next = pointInserted(sheetOf(editor), hit.id, hit.index, from);
    const drawn = edited(editor, next, { id: hit.id, index: hit.index + 1 });
    return { editor: drawn, grip: { base: next, isEdit: true, id: hit.id, index: hit.index + 1, from } };
  }
  const index = hit.on === "point" ? hit.index : null;
  return { editor: selected(editor, hit.id, index), grip: { base: sheetOf(editor), isEdit: false, id: hit.id, index, from } };
}

/** Drag what `grip` holds to `to`; `first` says that nothing was dragged yet. Points snap to the picture's edge. */
export function dragged(editor: Editor, grip: Grip, to: Point, first: boolean, reach: number, aspect: number): Editor {
  const next =
    grip.index === null
      ? shapeMoved(grip.base, grip.id, to[0] - grip.from[0], to[1] - grip.from[1])
      : pointMoved(grip.base, grip.id, grip.index, snapped(to, reach, aspect));
  const history = first && !grip.isEdit ? did(editor.history, next) : amended(editor.history, next);
  return { ...editor, history };
}

export function shapeRemoved(editor: Editor, id: number): Editor {
  return edited(editor, removed(sheetOf(editor), id));
}

/** Take the selected point away, or the whole shape when no point is selected, or it would have too few. */
export function selectionRemoved(editor: Editor): Editor {
  const { selection } = editor;
  if (!selection) return editor;
  if (selection.index === null) return shapeRemoved(editor, selection.id);
  const sheet = pointDeleted(sheetOf(editor), selection.id, selection.index);
  return edited(editor, sheet, { id: selection.id, index: Math.max(0, selection.index - (sheet === sheetOf(editor) ? 0 : 1)) });
}

/** Insert a point after the selected one, and select it. */
export function pointAdded(editor: Editor): Editor {
  const { selection } = editor;
  if (!selection) return editor;
  const index = selection.index ?? 0;
  const sheet = pointInserted(sheetOf(editor), selection.id, index);
  return sheet === sheetOf(editor) ? editor : edited(editor, sheet, { id: selection.id, index: index + 1 });
}

/** Move the selected point or shape by so much. */
export function nudged(editor: Editor, dx: number, dy: number): Editor {
  const { selection } = editor;
  const shape = selection && shapeOf(sheetOf(editor), selection.id);
  if (!selection || !shape) return editor;
  const point = selection.index === null ? undefined : shape.points[selection.index];
  if (selection.index === null || !point) return edited(editor, shapeMoved(sheetOf(editor), shape.id, dx, dy));
  return edited(editor, pointMoved(sheetOf(editor), shape.id, selection.index, [point[0] + dx, point[1] + dy]));
}

function back(editor: Editor, history: History<Sheet>): Editor {
  return { ...editor, history, selection: kept(history.now, editor.selection) };
}

/** `selection`, as far as it is there in `sheet`. */
function kept(sheet: Sheet, selection: Selection | null): Selection | null {
  const shape = selection && shapeOf(sheet, selection.id);
  if (!selection || !shape) return null;
  return selection.index === null || selection.index < shape.points.length ? selection : { id: shape.id, index: shape.points.length - 1 };
}
