// Zones, lines and rules between the camera's tables and what is edited. Pure.
import type { components } from "../camera/api";
import type { Point } from "./outline";
import type { PlacedRule, Shape, Sheet } from "./sheet";

/** What a rule of one kind may say, as the camera tells it. */
export type Kind = components["schemas"]["KindAnswer"];

/** A table as it stands in TOML; what the page does not know stays as it is. */
export type Table = Record<string, unknown>;

export interface Tables {
  zone: Table[];
  line: Table[];
  rule: Table[];
}

export function sheetOfTables(tables: Tables): Sheet {
  const shapes = [...tables.zone.map((table) => shape(table, "zone", "polygon")), ...tables.line.map((table) => shape(table, "line", "points"))]
    .flatMap((found) => (found ? [found] : []))
    .map((found, i) => ({ ...found, id: i + 1 }));
  const rules = tables.rule.map((table, i): PlacedRule => {
    const { zone, line, ...rest } = table;
    const place = shapes.find((one) => (typeof line === "string" ? one.sort === "line" && one.name === line : one.sort === "zone" && one.name === zone));
    // A rule whose place is not there keeps its name, so that the camera says what is wrong with it.
    return { key: i + 1, place: place?.id ?? null, table: place ? rest : table };
  });
  return { margin: 0, shapes, rules };
}

export function tablesOf(sheet: Sheet): Tables {
  const zones = sheet.shapes.filter((one) => one.sort === "zone");
  const lines = sheet.shapes.filter((one) => one.sort === "line");
  return {
    zone: zones.map((one) => ({ name: one.name.trim(), polygon: one.points.map((p) => [...p]) })),
    line: lines.map((one) => ({ name: one.name.trim(), points: one.points.map((p) => [...p]) })),
    rule: rulesInOrder(sheet).map(({ place, table }) => {
      const at = sheet.shapes.find((one) => one.id === place);
      return at ? { ...table, [at.sort]: at.name.trim() } : table;
    }),
  };
}

/** The rules whose place is there, in the order in which the camera gets them. */
export function rulesInOrder(sheet: Sheet): PlacedRule[] {
  return sheet.rules.filter((rule) => rule.place === null || sheet.shapes.some((one) => one.id === rule.place));
}

export function ruleAdded(sheet: Sheet, place: number | null, kind: string): Sheet {
  const key = 1 + Math.max(0, ...sheet.rules.map((rule) => rule.key));
  return { ...sheet, rules: [...sheet.rules, { key, place, table: { kind } }] };
}

export const ruleRemoved = (sheet: Sheet, key: number): Sheet => ({ ...sheet, rules: sheet.rules.filter((rule) => rule.key !== key) });

/** Say `words` in rule `key`; `undefined` takes a word out. */
export function ruleChanged(sheet: Sheet, key: number, words: Table): Sheet {
  const change = (rule: PlacedRule): PlacedRule => {
    const said = Object.entries({ ...rule.table, ...words }).filter(([, value]) => value !== undefined);
    return { ...rule, table: Object.fromEntries(said) };
  };
  return { ...sheet, rules: sheet.rules.map((rule) => (rule.key === key ? change(rule) : rule)) };
}

/** Another kind of rule keeps only what every rule may say, and the objects that both may have. */
export function ruleOfKind(sheet: Sheet, key: number, kind: Kind): Sheet {
  const rule = sheet.rules.find((one) => one.key === key);
  if (!rule) return sheet;
  const { timetable, min_size, sensitivity, silenced, objects } = rule.table;
  const left = Array.isArray(objects) ? objects.filter((one) => kind.objects.includes(String(one))) : [];
  const said: Table = { kind: kind.kind, timetable, min_size, sensitivity, silenced, objects: left.length ? left : undefined };
  const table = Object.fromEntries(Object.entries(said).filter(([, value]) => value !== undefined));
  return { ...sheet, rules: sheet.rules.map((one) => (one.key === key ? { ...one, table } : one)) };
}

/** The kinds of rules that hold at a place of `sort`; `null` for the whole picture. */
export function kindsAt(kinds: readonly Kind[], sort: string | null): Kind[] {
  return kinds.filter((kind) => (sort === null ? kind.everywhere : sort === "line" ? kind.line : kind.zone));
}

function shape(table: Table, sort: "zone" | "line", key: string): Shape | null {
  const told = table[key];
  const isPoint = (point: unknown): point is Point => Array.isArray(point) && point.length === 2 && point.every((n) => Number.isFinite(n));
  if (!Array.isArray(told) || !told.every(isPoint) || told.length === 0) return null;
  return { id: 0, sort, name: String(table["name"] ?? ""), reason: "other", points: told };
}
