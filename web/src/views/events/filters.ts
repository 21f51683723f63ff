// What is looked for among the events: kept in the address, so that a search can be gone back to and shared.
import { dayAround } from "../../album/spans";

export interface Filters {
  readonly kind: string;
  readonly zone: string;
  readonly direction: string;
  /** As YYYY-MM-DD here, or "". */
  readonly day: string;
}

export const KINDS = [
  "person", "vehicle", "bicycle", "animal", "motion", "intrusion", "line_crossing", "doorway", "loitering", "crowding", "counting",
  "parked_vehicle", "abandoned_object", "removed_object", "dumping", "fall", "unusual", "covered", "moved", "defocused", "blinded",
  "dark", "frozen", "signal_lost", "cloned",
];
export const DIRECTIONS = ["left_to_right", "right_to_left", "in", "out"];

/** Those that the address names. */
export function filtersIn(query: URLSearchParams): Filters {
  const named = (name: string, known: readonly string[]) => (known.includes(query.get(name) ?? "") ? (query.get(name) as string) : "");
  return {
    kind: named("kind", KINDS),
    zone: query.get("zone") ?? "",
    direction: named("direction", DIRECTIONS),
    day: /^\d{4}-\d\d-\d\d$/.test(query.get("day") ?? "") ? (query.get("day") as string) : "",
  };
}

/** As the address names them: what is not asked for is left out. */
export function asQuery(filters: Filters): Record<string, string> {
  return Object.fromEntries(Object.entries(filters).filter(([, value]) => value !== ""));
}

/** The question to the camera; `after` is the last event of the list so far. */
export function question(filters: Filters, limit: number, after?: { event_id: string; start_ms: number }): string {
  const query = new URLSearchParams({ limit: String(limit) });
  for (const name of ["kind", "zone", "direction"] as const) if (filters[name]) query.set(name, filters[name]);
  const day = filters.day ? dayAround(Date.parse(`${filters.day}T12:00:00`)) : null;
  if (day) query.set("from_ms", String(day.fromMs));
  const ends = [day?.toMs, after && after.start_ms + 1].filter((ms) => ms !== undefined);
  if (ends.length > 0) query.set("to_ms", String(Math.min(...ends)));
  if (after) query.set("before", after.event_id);
  return `/api/events?${query}`;
}

/** Today, or the day of `ms`, as an input for dates has it. */
export function dayOf(ms: number): string {
  const at = new Date(ms);
  const two = (n: number) => String(n).padStart(2, "0");
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
}
