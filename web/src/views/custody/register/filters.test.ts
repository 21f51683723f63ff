// What is looked for, in the address and in the question.
import { expect, test } from "vitest";
import { isFiltered, linesIn, questionOf, timesOf } from "./filters";

test("the address says what is looked for, and nothing else", () => {
  const found = linesIn(new URLSearchParams("show=register&act=view&who=sato&case="));
  expect(found).toEqual({ act: "view", who: "sato" });
  expect(isFiltered(found)).toBe(true);
  expect(isFiltered(linesIn(new URLSearchParams("show=register")))).toBe(false);
});

test("the last day counts to its end", () => {
  const { from_ms, to_ms } = timesOf({ from: "2026-11-30", to: "2026-11-30" });
  expect(from_ms).toBe(new Date("2026-11-30T00:00").getTime());
  expect(to_ms).toBe(new Date("2026-12-01T00:00").getTime());
  expect(timesOf({})).toEqual({});
});

test("the question names all of it", () => {
  const question = new URLSearchParams(questionOf({ act: "copy", case: "12", from: "2026-11-01" }, 40, 99));
  expect(Object.fromEntries(question)).toEqual({ limit: "40", act: "copy", case: "12", before: "99", from_ms: String(new Date("2026-11-01T00:00").getTime()) });
});
