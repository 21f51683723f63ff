// What is looked for in the register, as it stands in the address. Pure.

/** An empty field does not matter; days are yyyy-mm-dd. */
export type LineFilters = Readonly<Partial<Record<"act" | "who" | "case" | "from" | "to", string>>>;

const NAMES = ["act", "who", "case", "from", "to"] as const;

export const ACTS = [
  "search",
  "view",
  "copy",
  "disclosure",
  "request",
  "decision",
  "report",
  "complaint",
  "hold",
  "release",
  "erasure",
  "disposal",
  "owner_unlock",
  "mask_change",
  "unmasked_view",
  "aim_confirm",
  "command",
  "account_change",
  "setting_change",
  "key_change",
  "standard",
  "book",
  "gap",
  "repair",
] as const;

export function linesIn(query: URLSearchParams): LineFilters {
  return Object.fromEntries(NAMES.flatMap((name) => (query.get(name) ? [[name, query.get(name)]] : [])));
}

export const isFiltered = (filters: LineFilters): boolean => Object.keys(filters).length > 0;

/** What the camera is asked; `to` is the last day that counts. */
export function questionOf({ from, to, ...plain }: LineFilters, limit: number, before: number | null = null): string {
  const query = new URLSearchParams({ limit: String(limit), ...(plain as Record<string, string>) });
  if (before !== null) query.set("before", String(before));
  for (const [name, ms] of Object.entries(timesOf({ ...(from ? { from } : {}), ...(to ? { to } : {}) }))) query.set(name, String(ms));
  return query.toString();
}

/** The days as Unix milliseconds: from the first moment of one to the first after the other. */
export function timesOf({ from, to }: LineFilters): { from_ms?: number; to_ms?: number } {
  const end = to ? new Date(`${to}T00:00`) : null;
  end?.setDate(end.getDate() + 1);
  return { ...(from ? { from_ms: new Date(`${from}T00:00`).getTime() } : {}), ...(end ? { to_ms: end.getTime() } : {}) };
}
