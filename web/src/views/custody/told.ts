// Cases, what is due, and the policy: asked for once for all who show them.
import { tell } from "../../camera/http";
import { Renewed } from "../../camera/renewed";
import { visitor } from "../../camera/signedin";
import type { Case, Due, Policy } from "./answers";

const EVERY_MS = 10_000;
const RARELY_MS = 60_000;

export const cases = new Renewed<Case[]>("/api/cases", EVERY_MS);
export const calendar = new Renewed<Due[]>("/api/calendar", EVERY_MS);
export const policy = new Renewed<Policy>("/api/custody", RARELY_MS);

visitor.subscribe(() => {
  if (!visitor.value) for (const told of [cases, calendar, policy]) told.forget();
});

/** Write a case down; the camera gives it its id. Throws `Refusal`. */
export async function write(asked: object): Promise<Case> {
  const written = await tell<Case>("/api/cases", asked);
  await renewed();
  return written;
}

/** Do one step with a case. Throws `Refusal`. */
export async function step(caseId: string, name: string, fields: object = {}): Promise<Case> {
  const stepped = await tell<Case>(`/api/cases/${encodeURIComponent(caseId)}/${name}`, fields);
  await renewed();
  return stepped;
}

/** Ask again for what a step may have changed. */
export const renewed = (): Promise<unknown> => Promise.all([cases.renewAfter(), calendar.renewAfter()]);
