// What the camera answered instead of what was asked for, and what that says to a person.
import { say, sayLike, sayOr } from "../words/words";

/** `kind` is one of the camera's few kinds of failure, or "Unreachable"; `status` is 0 where none was answered. */
export class Refusal extends Error {
  readonly kind: string;
  readonly act: string;
  readonly safe: string;
  /** The form field that is to blame, or "". */
  readonly field: string;
  /** Seconds until the same may be tried again; 0 when that is not the matter. */
  readonly waitS: number;
  readonly status: number;

  constructor(kind: string, what: string, more: Partial<Pick<Refusal, "act" | "safe" | "field" | "waitS" | "status">> = {}) {
    super(what);
    this.kind = kind;
    this.act = more.act ?? "";
    this.safe = more.safe ?? "";
    this.field = more.field ?? "";
    this.waitS = more.waitS ?? 0;
    this.status = more.status ?? 0;
  }
}

/** The sentence for `error`; `wrong` is the one for a secret that was not the right one, or for what is not allowed. */
export function sentence(error: unknown, wrong = ""): string {
  if (!(error instanceof Refusal)) return say("broken");
  if (error.waitS > 0) return waiting(error.waitS);
  if (error.kind === "Unreachable") return say("unreachable");
  if (error.kind === "NotAllowed" && wrong) return wrong;
  return sayOr(`refused.${error.message}`, "") || sayLike("refused.", error.message) || say("refused_as", { what: [error.message, error.act].filter(Boolean).join("; ") });
}

/** Seconds for short waits, minutes for long ones. */
export function waiting(seconds: number): string {
  return seconds < 120 ? say("wait", { n: seconds }) : say("wait_minutes", { n: Math.ceil(seconds / 60) });
}
