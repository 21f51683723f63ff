// What cases tell of themselves.
import { describe, expect, test } from "vitest";
import type { Case } from "./answers";
import { byDue, courseOf } from "./course";

const PARTY = { name: "Sato", affiliation: "", address: "", contact: "", representative: "", recipient: "" };
const GRANT = { granted: true, decided_by: "owner", at_ms: 2000, reason: "fine", permit_until_ms: 9000, permitted: true };

function made(more: Partial<Case> = {}): Case {
  return {
    case_id: "20261122-101500",
    kind: "look",
    want: "view",
    state: "asked",
    open: true,
    asked_ms: 1000,
    asked_trust: 2,
    asked_by: "sato",
    asker: PARTY,
    asker_kind: "inside",
    use: "within",
    purpose: "theft",
    legal_basis: "",
    identity_check: "",
    from_ms: 1,
    to_ms: 2,
    remarks: "",
    due_ms: null,
    overdue: false,
    decision: null,
    report: "",
    answer: "",
    found: null,
    handed_over: [],
    revision: 0,
    mine: true,
    may: [],
    ...more,
  };
}

const whats = (one: Case): string[] => courseOf(one).map(({ what }) => what);

describe("the course of a case", () => {
  test("begins with who asked, and tells who decided and why", () => {
    expect(courseOf(made())).toEqual([{ what: "asked", atMs: 1000, who: "sato", told: "" }]);
    expect(courseOf(made({ state: "granted", decision: GRANT }))[1]).toEqual({ what: "granted", atMs: 2000, who: "owner", told: "fine" });
    expect(whats(made({ state: "refused", decision: { ...GRANT, granted: false } }))).toEqual(["asked", "refused"]);
  });

  test("tells what was handed over before it was closed", () => {
    const given = { at_ms: 3000, by: "owner", form: "copy" as const, files: [{ name: "copy.mp4", sha256: "" }], sealed_to: "", obscured: false, watermark: "", duplicate_id: "" };
    expect(whats(made({ kind: "disclosure", state: "closed", decision: GRANT, handed_over: [given] }))).toEqual(["asked", "granted", "handed_copy", "closed"]);
  });

  test("an emergency was decided by nobody, and is reported", () => {
    const decision = { ...GRANT, decided_by: "", reason: "emergency" };
    expect(whats(made({ state: "emergency", decision }))).toEqual(["emergency"]);
    expect(whats(made({ state: "reported", decision, report: "a child was lost" }))).toEqual(["emergency", "reported"]);
  });

  test("a permit that was taken back tells by whom", () => {
    const decision = { ...GRANT, granted: false, reason: "a mistake" };
    expect(courseOf(made({ state: "revoked", decision })).at(-1)).toEqual({ what: "revoked", atMs: 2000, who: "owner", told: "a mistake" });
  });

  test("an answer closes a complaint", () => {
    expect(whats(made({ kind: "complaint", state: "closed", answer: "we turned it" }))).toEqual(["asked", "answered"]);
  });
});

test("what is due first stands first; what nobody waits for comes by its age", () => {
  const late = made({ case_id: "late", due_ms: 500 });
  const soon = made({ case_id: "soon", due_ms: 900 });
  const old = made({ case_id: "old", state: "granted", due_ms: 100, asked_ms: 10 });
  const young = made({ case_id: "young", state: "granted", due_ms: 100, asked_ms: 20 });
  expect(byDue([old, soon, young, late]).map(({ case_id }) => case_id)).toEqual(["late", "soon", "young", "old"]);
});
