// The recovery kit as text: the secret in groups that a person can type, and the proof that they were kept. Pure.
const PREFIX = "AGE-SECRET-KEY-1";
const GROUP = 5;
const PER_ROW = 6;

/** The secret in groups; all of them but the first, which is the same for everybody. */
export function groupsOf(secret: string): string[] {
  return secret.slice(PREFIX.length).match(new RegExp(`.{1,${GROUP}}`, "g")) ?? [];
}

/** The groups row by row, as they stand on the paper; joined they are the secret. */
export function rowsOf(secret: string): string[][] {
  const groups = groupsOf(secret);
  const rows = Array.from({ length: Math.ceil(groups.length / PER_ROW) }, (_, row) => groups.slice(row * PER_ROW, (row + 1) * PER_ROW));
  return [[PREFIX], ...rows];
}

/** Whether `secret` is an age identity as it is printed. */
export const isSecret = (secret: string): boolean => /^AGE-SECRET-KEY-1[02-9AC-HJ-NP-Z]{58}$/.test(secret);

/** Whether `typed` is the group: spaces, small letters and letters that never occur do not matter. */
export function isGroup(typed: string, group: string): boolean {
  const meant = typed.normalize("NFKC").replace(/[\s-]/g, "").toUpperCase();
  return meant.replaceAll("O", "0").replaceAll("B", "8").replaceAll("I", "L").replaceAll("1", "L") === group;
}

/** Two different groups to be typed back, counted from 1, the lower first; `below(n)` draws a number from 0 to n - 1. */
export function asked(groups: number, below: (limit: number) => number): [number, number] {
  // Not the last, which may be shorter than the others.
  const first = below(groups - 1);
  const second = (first + 1 + below(groups - 2)) % (groups - 1);
  return first < second ? [first + 1, second + 1] : [second + 1, first + 1];
}
