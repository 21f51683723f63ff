// What the page says, in the reader's language: files of sentences by area, and numbers and times in its manner.
import { useWatched, Watched } from "../camera/watched";

export const LANGUAGES = ["en", "ja", "ko"] as const;
export type Language = (typeof LANGUAGES)[number];
/** Each language by its own name. */
export const NAMES: Record<Language, string> = { en: "English", ja: "日本語", ko: "한국어" };

const KEPT = "language";

/** Every file words/<language>/<area>.json is found here by itself; one chunk a language. */
const load: Record<Language, () => Promise<{ words: Record<string, string> }>> = {
  en: () => import("./en"),
  ja: () => import("./ja"),
  ko: () => import("./ko"),
};

let words: Record<string, string> = {};
const spoken = new Watched<Language>("en");

/** The language chosen here before, else the browser's first that the page speaks. */
export function preferredLanguage(): Language {
  const wanted = [remembered(), ...navigator.languages.map((tag) => tag.slice(0, 2).toLowerCase())];
  return wanted.find(isLanguage) ?? "en";
}

/** The language now, in a component that is drawn again with it. */
export const useLanguage = (): Language => useWatched(spoken);

/** Speak `chosen` from now on. */
export async function speak(chosen: Language): Promise<void> {
  words = (await load[chosen]()).words;
  document.documentElement.lang = chosen;
  spoken.set(chosen);
}

/** Keep `chosen` for the next time in this browser. */
export function remember(chosen: Language): void {
  try {
    localStorage.setItem(KEPT, chosen);
  } catch {
    // storage is forbidden: the choice lasts as long as the page
  }
}

/** The sentence of `key`; `values` stand for {name} in it. */
export function say(key: string, values: Record<string, string | number> = {}): string {
  return (words[key] ?? key).replace(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? ""));
}

/** The sentence of `key`, or `otherwise` where there is none. */
export function sayOr(key: string, otherwise: string, values: Record<string, string | number> = {}): string {
  return key in words ? say(key, values) : otherwise;
}

/** The sentence of the first key of `family` that is written as `told` is but for its gaps, filled likewise; else "". */
export function sayLike(family: string, told: string): string {
  for (const key of Object.keys(words)) {
    if (!key.startsWith(family) || !key.includes("{")) continue;
    const found = patternOf(key.slice(family.length)).exec(told)?.groups;
    if (found) return say(key, Object.fromEntries(Object.entries(found).map(([name, value]) => [name, value.replace(/^'(.*)'$/, "$1")])));
  }
  return "";
}

const patternOf = (key: string): RegExp =>
  new RegExp(`^${key.replace(/[.*+?^$()|[\]\\]/g, "\\$&").replace(/\{(\w+)\}/g, "(?<$1>.*)")}$`, "s");

export function number(value: number, options: Intl.NumberFormatOptions = { maximumFractionDigits: 1 }): string {
  return new Intl.NumberFormat(spoken.value, options).format(value);
}

/** Hours and minutes; all times are Unix milliseconds. */
export const clockTime = (ms: number): string => moment(ms, { hour: "2-digit", minute: "2-digit" });

/** Hours, minutes and seconds. */
export const exactTime = (ms: number): string =>
  moment(ms, { hour: "2-digit", minute: "2-digit", second: "2-digit" });

/** The day in words, then the time. */
export const dayAndTime = (ms: number): string =>
  moment(ms, { month: "short", day: "numeric", hour: "2-digit", minute: "2-digit", second: "2-digit" });

/** The day alone. */
export const day = (ms: number): string => moment(ms, { year: "numeric", month: "short", day: "numeric" });

/** Year to second in one order everywhere, for the mark in the picture. */
export function stamp(ms: number): string {
  const at = new Date(ms);
  const two = (n: number) => String(n).padStart(2, "0");
  const date = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  return `${date} ${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
}

/** How long something lasted or is to last, in its largest whole unit. */
export function lasting(seconds: number): string {
  if (seconds < 60) return say("seconds", { n: Math.max(1, Math.round(seconds)) });
  if (seconds < 7200) return say("minutes", { n: Math.round(seconds / 60) });
  if (seconds < 172_800) return say("hours", { n: Math.round(seconds / 3600) });
  return say("days", { n: Math.round(seconds / 86_400) });
}

/** Bytes in the unit that fits. */
export function size(bytes: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  const step = Math.min(units.length - 1, bytes < 1000 ? 0 : Math.floor(Math.log10(bytes) / 3));
  return `${number(bytes / 1000 ** step)} ${units[step]}`;
}

/** A moment as `options` want it. */
export function moment(ms: number, options: Intl.DateTimeFormatOptions): string {
  return new Intl.DateTimeFormat(spoken.value, { hourCycle: "h23", ...options }).format(ms);
}

function remembered(): string {
  try {
    return localStorage.getItem(KEPT) ?? "";
  } catch {
    return ""; // storage is forbidden: the browser's own language will do
  }
}

const isLanguage = (tag: string): tag is Language => (LANGUAGES as readonly string[]).includes(tag);
