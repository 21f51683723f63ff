// Copies that are being made, reviewed or ready, and the duplicates that are kept.
import type { components } from "../../../camera/api";
import { tell } from "../../../camera/http";
import { sentence } from "../../../camera/refusal";
import { Renewed } from "../../../camera/renewed";
import { visitor } from "../../../camera/signedin";
import { Watched } from "../../../camera/watched";
import { say } from "../../../words/words";
import type { Case } from "../answers";
import { renewed } from "../told";

type Shapes = components["schemas"];
export type Job = Shapes["JobAnswer"];
export type Track = Shapes["TrackTold"];
export type Disclosures = Shapes["DisclosuresAnswer"];

/** What the copy is to be like. */
export interface Wanted {
  obscure: boolean;
  watermark: string;
  recipient: string;
}

/** What opens the footage on the camera. */
export interface Opens {
  passphrase: string;
  operator: string;
  operator_passphrase: string;
}

const EVERY_MS = 1000;

export const disclosures = new Renewed<Disclosures>("/api/disclosures", EVERY_MS);
/** Why a copy was not begun, where its case was allowed just before. */
export const notBegun = new Watched<{ caseId: string; words: string } | null>(null);

visitor.subscribe(() => {
  if (!visitor.value) disclosures.forget();
});

/** Where what is made of a case is asked for. */
export const pathOf = (caseId: string, rest = ""): string => `/api/disclosures/${encodeURIComponent(caseId)}${rest}`;

/** Have the copy of a case made. Throws `Refusal`. */
export async function begin(caseId: string, wanted: Wanted, opens: Opens): Promise<void> {
  notBegun.set(null);
  await tell(`/api/cases/${encodeURIComponent(caseId)}/disclosure`, { ...wanted, ...opens });
  await disclosures.renewAfter();
}

/** Allow a case and have its copy made at once; a copy that is not begun takes back nothing. Throws `Refusal`. */
export async function allowAndBegin(one: Case, decision: object, wanted: Wanted, opens: Opens): Promise<void> {
  await tell(`/api/cases/${encodeURIComponent(one.case_id)}/grant`, decision);
  try {
    await begin(one.case_id, wanted, opens);
  } catch (error) {
    notBegun.set({ caseId: one.case_id, words: sentence(error, say("wrong_passphrase")) });
  } finally {
    await renewed();
  }
}
