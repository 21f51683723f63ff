import { describe, expect, it } from "vitest";
import { asQuery, filtersIn, question } from "./filters";

describe("what is looked for", () => {
  it("stands in the address, and nothing else does", () => {
    const filters = filtersIn(new URLSearchParams("kind=person&zone=lawn&direction=up&day=2026-13&more=1"));
    expect(filters).toEqual({ kind: "person", zone: "lawn", direction: "", day: "" });
    expect(asQuery(filters)).toEqual({ kind: "person", zone: "lawn" });
  });

  it("is asked of the camera page by page", () => {
    const filters = filtersIn(new URLSearchParams("kind=person&day=2026-11-21"));
    const first = new URLSearchParams(question(filters, 50).split("?")[1]);
    expect(first.get("kind")).toBe("person");
    expect(Number(first.get("to_ms")) - Number(first.get("from_ms"))).toBeGreaterThan(82_000_000);
    const next = new URLSearchParams(question(filters, 50, { event_id: "e7", start_ms: Number(first.get("from_ms")) + 5 }).split("?")[1]);
    expect(next.get("before")).toBe("e7");
    expect(Number(next.get("to_ms"))).toBe(Number(first.get("from_ms")) + 6);
  });
});
