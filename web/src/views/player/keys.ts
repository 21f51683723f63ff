// The player by keyboard, as editors of film have it: space or k, j and l, comma and full stop, arrows.
import type { Acts } from "./Controls";
import { RATES, type Rate } from "../../opening/pace";

/** What `key` does, or null; `rate` is the speed now. */
export function actOf(key: string, acts: Acts, rate: Rate): (() => void) | null {
  const beside = (by: 1 | -1) => () => acts.rate(RATES[Math.min(RATES.length - 1, Math.max(0, RATES.indexOf(rate) + by))] ?? 1);
  const answers: Record<string, () => void> = {
    " ": acts.toggle,
    k: acts.toggle,
    ",": () => acts.step(-1),
    ".": () => acts.step(1),
    j: () => acts.jump(-10_000),
    l: () => acts.jump(10_000),
    ArrowLeft: () => acts.jump(-10_000),
    ArrowRight: () => acts.jump(10_000),
    ArrowUp: beside(1),
    ArrowDown: beside(-1),
    p: () => acts.event(-1),
    n: () => acts.event(1),
    f: acts.fullScreen,
  };
  return answers[key] ?? null;
}

/** Whether keys belong to what has the focus: a field, a list, a button. */
export function isTaken(target: EventTarget | null, key: string): boolean {
  if (!(target instanceof Element)) return false;
  if (target.closest("input, select, textarea, dialog, [role=slider]")) return true;
  return key === " " && target.closest("button, a, summary") !== null;
}
