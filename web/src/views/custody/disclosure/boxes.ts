// Boxes that a reviewer added, remembered for as long as the browser's tab is: the camera takes all of them anew each time.

/** First and last frame, then left, top, right and bottom in pixels of the picture. */
export type Box = readonly [number, number, number, number, number, number];

const nameOf = (caseId: string): string => `review ${caseId}`;

export function boxesOf(caseId: string): readonly Box[] {
  try {
    const told: unknown = JSON.parse(sessionStorage.getItem(nameOf(caseId)) ?? "[]");
    return Array.isArray(told) ? (told as Box[]) : [];
  } catch {
    return []; // storage is forbidden, or holds something else
  }
}

export function keepBoxes(caseId: string, boxes: readonly Box[]): void {
  try {
    sessionStorage.setItem(nameOf(caseId), JSON.stringify(boxes));
  } catch {
    // storage is forbidden: the boxes are known for as long as the screen is shown
  }
}

/** The box between two points of a picture that is shown `shown` wide and high, in pixels of its own; null for hardly any. */
export function boxBetween(one: { x: number; y: number }, other: { x: number; y: number }, shown: { width: number; height: number }, own: { width: number; height: number }): [number, number, number, number] | null {
  const across = (x: number) => Math.round((Math.min(Math.max(x, 0), shown.width) / shown.width) * own.width);
  const down = (y: number) => Math.round((Math.min(Math.max(y, 0), shown.height) / shown.height) * own.height);
  const [left, right] = [across(Math.min(one.x, other.x)), across(Math.max(one.x, other.x))];
  const [top, bottom] = [down(Math.min(one.y, other.y)), down(Math.max(one.y, other.y))];
  return right - left < 4 || bottom - top < 4 ? null : [left, top, right, bottom];
}
