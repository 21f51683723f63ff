// The hours of a rule: entries such as "mon-fri 07:00-19:00", and the days and times that make them up. Pure.

export const DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;
export type Day = (typeof DAYS)[number];

/** `days` in the order of the week; "24:00" ends a day. */
export interface Hours {
  readonly days: readonly Day[];
  readonly from: string;
  readonly to: string;
}

const ENTRY = /^([a-z,-]+) +([0-9]{2}:[0-9]{2})-([0-9]{2}:[0-9]{2})$/;
const TIME = /^([01][0-9]|2[0-3]):[0-5][0-9]$/;

/** The hours that `entry` tells, or `null` for what the camera would refuse. */
export function hoursOf(entry: string): Hours | null {
  const told = ENTRY.exec(entry.trim());
  if (!told) return null;
  const [, days = "", from = "", to = ""] = told;
  const found = daysOf(days);
  return found && TIME.test(from) && (TIME.test(to) || to === "24:00") && from !== to ? { days: found, from, to } : null;
}

/** As the camera reads it, in its shortest form. */
export function entryOf({ days, from, to }: Hours): string {
  return `${daysWord(days)} ${from}-${to}`;
}

function daysOf(told: string): Day[] | null {
  if (told === "daily") return [...DAYS];
  const found = new Set<Day>();
  for (const part of told.split(",")) {
    const [first = "", last = first, more] = part.split("-");
    const [from, to] = [DAYS.indexOf(first as Day), DAYS.indexOf(last as Day)];
    if (from < 0 || to < 0 || more !== undefined) return null;
    for (let i = from; ; i = (i + 1) % 7) {
      found.add(DAYS[i] as Day);
      if (i === to) break;
    }
  }
  return DAYS.filter((day) => found.has(day));
}

function daysWord(days: readonly Day[]): string {
  const runs: Day[][] = [];
  for (const day of DAYS) {
    if (!days.includes(day)) continue;
    const run = runs.at(-1);
    if (run && DAYS.indexOf(day) === DAYS.indexOf(run.at(-1) as Day) + 1) run.push(day);
    else runs.push([day]);
  }
  if (runs[0]?.length === 7) return "daily";
  return runs.map((run) => (run.length === 1 ? run[0] : `${run[0]}-${run.at(-1)}`)).join(",");
}
