// What a proposal changes of what is in force, outline by outline. Pure.
import type { Shape, Sheet } from "./sheet";

export type ChangeKind = "added" | "removed" | "changed" | "same";

export interface Change {
  readonly kind: ChangeKind;
  readonly before: Shape | null;
  readonly after: Shape | null;
}

/** Shapes of one sort and name are one that was changed; where names come twice, the first goes with the first. */
export function changesBetween(before: Sheet, after: Sheet): Change[] {
  const left = [...before.shapes];
  const found = after.shapes.map((shape): Change => {
    const index = left.findIndex((old) => old.sort === shape.sort && old.name === shape.name);
    const old = index < 0 ? null : (left.splice(index, 1)[0] ?? null);
    return { kind: old === null ? "added" : same(old, shape) ? "same" : "changed", before: old, after: shape };
  });
  return [...found, ...left.map((old): Change => ({ kind: "removed", before: old, after: null }))];
}

/** Whether anything could be seen afterwards that was hidden before; then eyes are to look twice. */
export function mayShowMore(before: Sheet, after: Sheet): boolean {
  const hides = (sheet: Sheet) => sheet.shapes.some((shape) => shape.sort === "own");
  if (after.margin < before.margin || (hides(before) && !hides(after))) return true;
  return changesBetween(before, after).some(({ kind, before: old, after: now }) => {
    if (kind === "same") return false;
    if (old?.sort === "mask") return kind !== "added";
    // More property of one's own is more to see; where there was none, it only hides.
    return now?.sort === "own" && hides(before);
  });
}

const same = (a: Shape, b: Shape): boolean => a.reason === b.reason && JSON.stringify(a.points) === JSON.stringify(b.points);
