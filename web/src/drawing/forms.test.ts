import { describe, expect, it } from "vitest";
import { changesBetween, mayShowMore } from "./changes";
import { DAYS, entryOf, hoursOf } from "./hours";
import { drawingOf, shapeAt, sheetOfDrawing, type Drawing } from "./maskdrawing";
import { mistakesIn } from "./mistakes";
import { kindsAt, ruleAdded, ruleChanged, ruleOfKind, sheetOfTables, tablesOf, type Kind } from "./ruletables";
import { described, NO_SHEET, removed, type Shape } from "./sheet";

const DRAWING: Drawing = {
  picture: { width: 1280, height: 720, rotation: 0 },
  margin: 0.02,
  masks: [
    { name: "隣の家", reason: "neighbour", polygon: [[0.7, 0], [1, 0], [1, 0.4]] },
    { name: "road", reason: "public_road", polygon: [[0, 0.9], [1, 0.9], [0.123456789, 1]] },
  ],
  own: [{ name: "garden", polygon: [[0, 0.3], [0.7, 0.3], [0.7, 1]] }],
};

describe("a drawing of masks", () => {
  it("comes back as it was, with every digit", () => {
    expect(drawingOf(sheetOfDrawing(DRAWING), DRAWING.picture)).toEqual(DRAWING);
  });

  it("says which outline the camera means", () => {
    const sheet = sheetOfDrawing(DRAWING);
    expect(shapeAt(sheet, "masks.1.polygon")?.name).toBe("road");
    expect(shapeAt(sheet, "own.0.name")?.name).toBe("garden");
    expect(shapeAt(sheet, "margin")).toBeUndefined();
  });

  it("is wrong where it crosses itself, is small, or has no name", () => {
    const bow: Shape = { id: 1, sort: "mask", name: " ", reason: "other", points: [[0, 0], [1, 1], [1, 0], [0, 1]] };
    const dot: Shape = { id: 2, sort: "own", name: "x".repeat(81), reason: "other", points: [[0, 0], [0.001, 0], [0, 0.001]] };
    expect(mistakesIn({ ...NO_SHEET, shapes: [bow, dot] })).toEqual([
      { code: "nameless", id: 1 },
      { code: "crosses", id: 1 },
      { code: "long_name", id: 2 },
      { code: "small", id: 2 },
    ]);
    expect(mistakesIn(sheetOfDrawing(DRAWING))).toEqual([]);
  });

  it("tells what it changes, and whether more may be seen", () => {
    const before = sheetOfDrawing(DRAWING);
    const told = (after: typeof before) => changesBetween(before, after).map(({ kind }) => kind);
    expect(told(before)).toEqual(["same", "same", "same"]);
    expect(mayShowMore(before, before)).toBe(false);
    const without = removed(before, 1);
    expect(told(without)).toEqual(["same", "same", "removed"]);
    expect(mayShowMore(before, without)).toBe(true);
    const more = { ...before, shapes: [...before.shapes, { ...(before.shapes[0] as Shape), id: 9, name: "school" }] };
    expect(told(more)).toEqual(["same", "same", "same", "added"]);
    expect(mayShowMore(before, more)).toBe(false);
    expect(mayShowMore(before, { ...before, margin: 0 })).toBe(true);
    expect(mayShowMore(before, removed(before, 3))).toBe(true);
    expect(told(described(before, 2, { reason: "other" }))).toEqual(["same", "changed", "same"]);
  });
});

const INTRUSION: Kind = {
  kind: "intrusion", zone: true, line: false, everywhere: false, objects: ["person", "vehicle", "bicycle", "animal"],
  usual_objects: ["person"], dwell_s: 0, least_dwell_s: 0, directions: [], count: false, reset: false,
};
const COUNTING: Kind = { ...INTRUSION, kind: "counting", zone: false, line: true, dwell_s: null, reset: true };
const LOITERING: Kind = { ...INTRUSION, kind: "loitering", everywhere: true, objects: ["person"] };

describe("zones, lines and rules", () => {
  const TABLES = {
    zone: [{ name: "lawn", polygon: [[0.1, 0.5], [0.9, 0.5], [0.9, 1]] }],
    line: [{ name: "gate", points: [[0.1, 0.5], [0.9, 0.5]] }],
    rule: [
      { kind: "intrusion", objects: ["person"], timetable: ["daily 22:00-06:00"], zone: "lawn" },
      { kind: "counting", reset: "daily", line: "gate" },
      { kind: "loitering" },
      { kind: "intrusion", zone: "moon" },
    ],
  };

  it("come back as they were, also a rule whose place is not there", () => {
    expect(tablesOf(sheetOfTables(TABLES))).toEqual(TABLES);
  });

  it("stay together when a place gets another name or goes", () => {
    const named = described(sheetOfTables(TABLES), 1, { name: "meadow" });
    expect(tablesOf(named).rule[0]).toMatchObject({ kind: "intrusion", zone: "meadow" });
    expect(tablesOf(removed(named, 1)).rule.map((rule) => rule["kind"])).toEqual(["counting", "loitering", "intrusion"]);
  });

  it("say what is told to them, and nothing that was taken out", () => {
    const sheet = ruleAdded(sheetOfTables(TABLES), 1, "loitering");
    const told = tablesOf(ruleChanged(ruleChanged(sheet, 5, { dwell_s: 20, silenced: true }), 5, { silenced: undefined }));
    expect(told.rule[4]).toEqual({ kind: "loitering", dwell_s: 20, zone: "lawn" });
    const other = ruleOfKind(ruleChanged(sheet, 1, { dwell_s: 3, objects: ["animal", "person"] }), 1, LOITERING);
    expect(tablesOf(other).rule[0]).toEqual({ kind: "loitering", timetable: ["daily 22:00-06:00"], objects: ["person"], zone: "lawn" });
  });

  it("are of the kinds that hold at a place", () => {
    const names = (sort: string | null) => kindsAt([INTRUSION, COUNTING, LOITERING], sort).map(({ kind }) => kind);
    expect([names("zone"), names("line"), names(null)]).toEqual([["intrusion", "loitering"], ["counting"], ["loitering"]]);
  });

  it("are left out where the camera's tables are no outline", () => {
    const broken = { zone: [{ name: "a" }, { name: "b", polygon: [["x", 1]] }], line: [{ name: "c", points: [] }], rule: [] };
    expect(sheetOfTables(broken).shapes).toEqual([]);
  });

  it("of one name are a mistake", () => {
    const sheet = sheetOfTables({ ...TABLES, line: [{ name: "lawn", points: [[0.1, 0.5], [0.1, 0.5]] }] });
    expect(mistakesIn(sheet)).toEqual([
      { code: "same_point", id: 2 },
      { code: "same_name", id: 2 },
    ]);
  });
});

describe("hours", () => {
  it("are read as the camera reads them, and written in their shortest form", () => {
    expect(hoursOf("mon-fri 07:00-19:00")).toEqual({ days: DAYS.slice(0, 5), from: "07:00", to: "19:00" });
    expect(hoursOf("fri-mon 00:00-24:00")?.days).toEqual(["mon", "fri", "sat", "sun"]);
    for (const [told, short] of [
      ["mon,tue,wed 01:00-02:00", "mon-wed 01:00-02:00"],
      ["mon-sun 22:00-06:00", "daily 22:00-06:00"],
      ["sun,mon 22:00-06:00", "mon,sun 22:00-06:00"],
    ] as const) {
      const hours = hoursOf(told);
      expect(hours && entryOf(hours)).toBe(short);
    }
  });

  it("that the camera would refuse are none", () => {
    for (const told of ["", "mon", "moon 01:00-02:00", "mon 1:00-2:00", "mon 25:00-26:00", "mon 07:00-07:00", "mon-tue-wed 01:00-02:00", "mon 24:00-01:00"])
      expect(hoursOf(told)).toBeNull();
  });

  it("survive their text, whatever the days", () => {
    for (let days = 1; days < 128; days++) {
      const hours = { days: DAYS.filter((_, i) => days & (1 << i)), from: "06:30", to: "24:00" };
      expect(hoursOf(entryOf(hours))).toEqual(hours);
    }
  });
});
