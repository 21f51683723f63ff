// What was drawn before, and what was taken back: bounded undo and redo over any value. Pure.

const MOST = 200;

/** `past` is oldest first, `future` nearest first. */
export interface History<T> {
  readonly past: readonly T[];
  readonly now: T;
  readonly future: readonly T[];
}

export const begun = <T>(now: T): History<T> => ({ past: [], now, future: [] });

/** After an edit; one that changed nothing is none. */
export function did<T>(history: History<T>, next: T): History<T> {
  if (next === history.now) return history;
  return { past: [...history.past, history.now].slice(-MOST), now: next, future: [] };
}

/** As the newest edit went on: dragging is one edit however many places it came through. */
export const amended = <T>(history: History<T>, next: T): History<T> => ({ ...history, now: next });

export const canUndo = <T>(history: History<T>): boolean => history.past.length > 0;
export const canRedo = <T>(history: History<T>): boolean => history.future.length > 0;

export function undone<T>(history: History<T>): History<T> {
  if (!canUndo(history)) return history;
  return { past: history.past.slice(0, -1), now: history.past.at(-1) as T, future: [history.now, ...history.future] };
}

export function redone<T>(history: History<T>): History<T> {
  if (!canRedo(history)) return history;
  return { past: [...history.past, history.now], now: history.future[0] as T, future: history.future.slice(1) };
}
