// The editor by keyboard. Pure.
import {
  cancelled,
  finished,
  nudged,
  placed,
  pointAdded,
  redo,
  selected,
  selectionRemoved,
  undo,
  type Editor,
} from "./editor";
import { distance, inside } from "./outline";
import { fewest } from "./sheet";

/** Of the picture's width; with shift, and without. */
export const STEP = 0.002;
export const LEAP = 0.02;
/** So near to its first point, of the picture's width, an outline that is drawn by keyboard is closed. */
const CLOSING = 0.01;

export interface Key {
  readonly key: string;
  readonly shift: boolean;
  /** Control, or command on a Mac. */
  readonly control: boolean;
}

const WAYS: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

/** The editor after a key, or `null` when that key means nothing here. */
export function pressed(editor: Editor, key: Key, aspect: number): Editor | null {
  if (key.control) return shortcut(editor, key);
  const way = WAYS[key.key];
  const step = key.shift ? LEAP : STEP;
  if (editor.pending) return drawnBy(editor, key.key, way && [way[0] * step, way[1] * step * aspect], aspect);
  if (!editor.selection) return null;
  if (way) return nudged(editor, way[0] * step, way[1] * step * aspect);
  if (key.key === "Insert") return pointAdded(editor);
  if (key.key === "Delete" || key.key === "Backspace") return selectionRemoved(editor);
  return key.key === "Escape" ? selected(editor, null) : null;
}

function shortcut(editor: Editor, { key, shift }: Key): Editor | null {
  if (key.toLowerCase() === "y" || (key.toLowerCase() === "z" && shift)) return redo(editor);
  return key.toLowerCase() === "z" ? undo(editor) : null;
}

/** While an outline is drawn the arrows move a cursor, and Enter puts a point where it is. */
function drawnBy(editor: Editor, key: string, by: readonly [number, number] | undefined, aspect: number): Editor | null {
  const pending = editor.pending;
  if (!pending) return null;
  if (by) return { ...editor, pending: { ...pending, cursor: inside([pending.cursor[0] + by[0], pending.cursor[1] + by[1]]) } };
  if (key === "Escape") return cancelled(editor);
  if (key === "Backspace" || key === "Delete") return undo(editor);
  if (key !== "Enter" && key !== " ") return null;
  const last = pending.points.at(-1);
  // Twice at one place says: that was the last one.
  const again = last !== undefined && distance(last, pending.cursor, aspect) < STEP / 2;
  return again && pending.points.length >= fewest(pending.sort) ? finished(editor) : placed(editor, pending.cursor, CLOSING, aspect);
}
