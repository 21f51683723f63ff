import { describe, expect, it } from "vitest";
import { strengthOf } from "./strength";
import { suggestion } from "./suggestion";

const level = (typed: string) => strengthOf(typed).level;

describe("strengthOf", () => {
  it("calls what everybody takes weak, however long it is", () => {
    for (const typed of ["password1234", "passwordpassword", "aaaaaaaaaaaaaaaa", "123456789012345", "qwertyuiop1234", "admin admin admin admin", "edgecam camera 2026", "パスワードパスワード1234", "비밀번호비밀번호 1234", "abcdefghijklmnop"])
      expect(level(typed), typed).toBe("weak");
  });

  it("calls what is too short so, and nothing nothing", () => {
    expect(level("")).toBe("none");
    expect(level("x9!Kq2#")).toBe("short");
  });

  it("takes several words that have nothing to do with each other for good, in every script", () => {
    for (const typed of ["seven blue herons cross the estuary 42", "冬の湖に青い鷺が七羽いる", "푸른 왜가리 일곱 마리가 강을 건넌다"])
      expect(["good", "strong"], typed).toContain(level(typed));
  });

  it("does not count the same word twice", () => {
    expect(strengthOf("heron heron heron heron").bits).toBeLessThan(strengthOf("heron estuary").bits);
  });

  it("counts the form in which it is used", () => {
    expect(strengthOf("ＨＥＲＯＮ river stone").bits).toBe(strengthOf("HERON river stone").bits);
  });

  it("never falls when a new word is added", () => {
    const words = ["heron", "42", "estuary", "冬の湖", "강물", "winter"];
    const bits = words.map((_, n) => strengthOf(words.slice(0, n + 1).join(" ")).bits);
    expect([...bits].sort((a, b) => a - b)).toEqual(bits);
  });

  it("finds what it suggests strong", () => {
    for (let n = 0; n < 50; n++) expect(level(suggestion())).toBe("strong");
  });
});
