// What became of a case, step by step, and in which order cases stand. Pure.
import type { Case } from "./answers";

/** One thing that happened; `who` and `told` are empty where nobody said. */
export interface Happened {
  readonly what: string;
  readonly atMs: number | null;
  readonly who: string;
  readonly told: string;
}

/** In the order in which it happened, as far as the case tells. */
export function courseOf(one: Case): Happened[] {
  const { decision } = one;
  // Nobody decides an emergency: who asks looks at once.
  const atOnce = decision?.granted === true && decision.decided_by === "";
  const found: Happened[] = [{ what: atOnce ? "emergency" : "asked", atMs: one.asked_ms, who: one.asked_by, told: "" }];
  const revoked = one.state === "revoked";
  if (decision && !atOnce && !revoked) found.push({ what: decision.granted ? "granted" : "refused", atMs: decision.at_ms, who: decision.decided_by, told: decision.reason });
  for (const given of one.handed_over) found.push({ what: given.form === "copy" ? "handed_copy" : "handed_view", atMs: given.at_ms, who: given.by, told: given.files.map(({ name }) => name).join("\n") });
  if (one.report) found.push({ what: "reported", atMs: null, who: "", told: one.report });
  if (one.answer) found.push({ what: "answered", atMs: null, who: "", told: one.answer });
  if (revoked) found.push({ what: "revoked", atMs: decision?.at_ms ?? null, who: decision?.decided_by ?? "", told: decision?.reason ?? "" });
  if (one.state === "withdrawn" || (one.state === "closed" && !one.answer)) found.push({ what: one.state, atMs: null, who: "", told: "" });
  return found;
}

/** Those that wait for somebody: what is due first stands first, then the newest. */
export function byDue(list: readonly Case[]): Case[] {
  return [...list].sort((one, other) => (waits(one) ? (one.due_ms ?? Infinity) : Infinity) - (waits(other) ? (other.due_ms ?? Infinity) : Infinity) || other.asked_ms - one.asked_ms);
}

/** Whether somebody waits for an answer or a report. */
export const waits = ({ state }: Pick<Case, "state">): boolean => state === "asked" || state === "emergency";
