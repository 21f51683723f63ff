// What the page says, in the reader's language: one file of sentences per language, and times in its manner.
// @ts-check

export const LANGUAGES = ["en", "ja", "ko"];

/** @type {Record<string, string>} */
let words = {};
let language = "en";

/** The language chosen here before, else the browser's first that the page speaks. */
export function preferredLanguage() {
  const wanted = [remembered(), ...navigator.languages.map((tag) => tag.slice(0, 2).toLowerCase())];
  return wanted.find((tag) => LANGUAGES.includes(tag)) ?? "en";
}

function remembered() {
  try {
    return localStorage.getItem("language") ?? "";
  } catch {
    return ""; // storage is forbidden: the browser's own language will do
  }
}

/**
 * Speak `chosen` from now on, and put its words into everything marked `data-word`.
 * @param {string} chosen
 */
export async function speak(chosen) {
  const answer = await fetch(`/static/words.${chosen}.json`);
  if (!answer.ok) throw new Error(`no words for ${chosen}`);
  words = await answer.json();
  language = chosen;
  document.documentElement.lang = chosen;
  for (const element of document.querySelectorAll("[data-word]")) {
    element.textContent = say(/** @type {HTMLElement} */ (element).dataset.word ?? "");
  }
}

/** @param {string} chosen */
export function remember(chosen) {
  try {
    localStorage.setItem("language", chosen);
  } catch {
    // storage is forbidden: the choice lasts as long as the page
  }
}

/**
 * @param {string} key
 * @param {Record<string, string | number>} [values] what stands for {name} in the sentence
 */
export function say(key, values = {}) {
  return (words[key] ?? key).replace(/\{(\w+)\}/g, (_, name) => String(values[name] ?? ""));
}

/**
 * The sentence of `key`, or `otherwise` where this language has none.
 * @param {string} key
 * @param {string} otherwise
 * @param {Record<string, string>} [values]
 */
export function sayOr(key, otherwise, values = {}) {
  return key in words ? say(key, values) : otherwise;
}

/** @param {number} value @param {Intl.NumberFormatOptions} [options] */
export function number(value, options = { maximumFractionDigits: 1 }) {
  return new Intl.NumberFormat(language, options).format(value);
}

/** @param {number} ms Unix milliseconds @param {Intl.DateTimeFormatOptions} options */
function moment(ms, options) {
  return new Intl.DateTimeFormat(language, { hourCycle: "h23", ...options }).format(ms);
}

/** Hours and minutes. @param {number} ms */
export const clockTime = (ms) => moment(ms, { hour: "2-digit", minute: "2-digit" });

/** Hours, minutes and seconds. @param {number} ms */
export const exactTime = (ms) => moment(ms, { hour: "2-digit", minute: "2-digit", second: "2-digit" });

/** The day in words, then the time. @param {number} ms */
export const dayAndTime = (ms) =>
  moment(ms, { month: "short", day: "numeric", hour: "2-digit", minute: "2-digit", second: "2-digit" });

/** The day alone. @param {number} ms */
export const day = (ms) => moment(ms, { year: "numeric", month: "short", day: "numeric" });

/** Year to second in one order everywhere, for the mark in the picture. @param {number} ms */
export function stamp(ms) {
  const at = new Date(ms);
  const two = (/** @type {number} */ n) => String(n).padStart(2, "0");
  const day = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  return `${day} ${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
}

/** @param {number} seconds */
export function lasting(seconds) {
  return seconds < 60 ? say("seconds", { n: Math.max(1, Math.round(seconds)) }) : say("minutes", { n: Math.round(seconds / 60) });
}
