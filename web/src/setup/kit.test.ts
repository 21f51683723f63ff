import { describe, expect, it } from "vitest";
import { asked, groupsOf, isGroup, isSecret, rowsOf } from "./kit";
import { below } from "./suggestion";

const SECRET = "AGE-SECRET-KEY-1GFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPQ4EGAEX";

describe("the kit", () => {
  it("is the secret and nothing else", () => {
    expect(isSecret(SECRET)).toBe(true);
    expect(rowsOf(SECRET).flat().join("")).toBe(SECRET);
    expect(groupsOf(SECRET)).toHaveLength(12);
  });

  it("takes a group as people type it", () => {
    for (const typed of ["gfpyy", " GFP yy ", "GFP-YY", "ｇｆｐｙｙ"]) expect(isGroup(typed, "GFPYY")).toBe(true);
    expect(isGroup("O8l", "08L")).toBe(true);
    expect(isGroup("ob1", "08L")).toBe(true);
    for (const typed of ["", "GFPY", "GFPYYS", "GFPYZ"]) expect(isGroup(typed, "GFPYY")).toBe(false);
  });

  it("asks for two different whole groups, each as likely", () => {
    const drawn = Array.from({ length: 2000 }, () => asked(12, below));
    for (const [first, second] of drawn) {
      expect(first).toBeGreaterThanOrEqual(1);
      expect(second).toBeGreaterThan(first);
      expect(second).toBeLessThanOrEqual(11);
    }
    expect(new Set(drawn.flat()).size).toBe(11);
  });

  it("is no secret that lacks a letter, or has one that never occurs", () => {
    expect(isSecret(SECRET.slice(0, -1))).toBe(false);
    expect(isSecret(`${SECRET.slice(0, -1)}B`)).toBe(false);
    expect(isSecret(SECRET.toLowerCase())).toBe(false);
  });
});
