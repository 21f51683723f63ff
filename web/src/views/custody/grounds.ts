// On what ground footage may be given away, as the guidelines name them; and what is said when it is refused.
import { say } from "../../words/words";
import type { AskerKind } from "./answers";

/** Who may ask from outside, the most frequent first. */
export const ASKERS = ["police", "court", "person", "insurer", "other"] as const satisfies readonly AskerKind[];

/** Kumamoto (4) ア, Kumagaya ア–ウ, Gwangju 13. */
export const GROUNDS = ["investigation", "law", "court", "life", "subject", "consent", "other"] as const;
export type Ground = (typeof GROUNDS)[number];

const USUAL: Record<AskerKind, Ground> = { police: "investigation", court: "court", person: "subject", insurer: "consent", other: "law", inside: "law" };

/** The ground on which such an asker mostly comes. */
export const usualGround = (asker: AskerKind): Ground => USUAL[asker];

/** The ground in words, as it is written down; `told` is what somebody wrote of another one, or added. */
export function groundWords(ground: string, told: string): string {
  if (ground === "other") return told.trim();
  return [say(`ground.${ground}`), told.trim()].filter(Boolean).join(" · ");
}

/** Gwangju 14 ④: why somebody may be refused. */
export const REFUSALS = ["investigation", "not_apart", "privacy", "public", "not_there", "no_ground", "other"] as const;

/** How it was made sure who asks. */
export function checksFor(asker: AskerKind): readonly string[] {
  if (asker === "person") return ["photo_card", "passport", "known", "proxy"];
  if (asker === "police") return ["badge", "letter", "called_back"];
  return ["letter", "badge", "called_back", "photo_card"];
}
