// The strip of the last hours: what was recorded, what was private, where gaps are, and when events were.
// @ts-check
import { clockTime, exactTime, say, sayOr } from "./words.js";

/** @typedef {{start_ms: number, end_ms: number, private: boolean, gap_cause: string | null}} Stretch */

/** A slider over time: pointer and arrow keys move its cursor, a click or Enter plays. */
export class Timeline {
  /** @param {HTMLElement} root @param {(ms: number) => void} play */
  constructor(root, play) {
    this.root = root;
    this.play = play;
    this.hours = 6;
    this.nowMs = 0;
    /** @type {number | null} where the cursor was put; null while it follows the present */
    this.chosenMs = null;
    /** @type {Stretch[]} */
    this.stretches = [];
    /** @type {{start_ms: number}[]} */
    this.events = [];
    root.addEventListener("pointermove", (event) => this.#choose(this.#msAt(event.clientX)));
    root.addEventListener("click", (event) => this.play(this.#choose(this.#msAt(event.clientX))));
    root.addEventListener("keydown", (event) => this.#key(event));
  }

  get fromMs() {
    return this.nowMs - this.hours * 3_600_000;
  }

  /** @param {number} hours */
  setHours(hours) {
    this.hours = hours;
    this.chosenMs = null;
    this.draw();
  }

  draw() {
    if (!this.nowMs) return;
    this.#part("strip").replaceChildren(...this.stretches.map((s) => this.#bar(s)));
    this.#part("ticks").replaceChildren(...this.events.filter((e) => e.start_ms >= this.fromMs).map((e) => this.#tick(e.start_ms)));
    const marks = [0, 1, 2, 3].map((n) => this.fromMs + (n / 3) * (this.nowMs - this.fromMs));
    this.#part("scale", document).replaceChildren(...marks.map((ms) => Object.assign(document.createElement("span"), { textContent: clockTime(ms) })));
    this.#place();
  }

  /** What stands at `ms`, in words. @param {number} ms */
  told(ms) {
    const here = this.stretches.find((s) => s.start_ms <= ms && ms < s.end_ms);
    if (!here) return say("no_footage");
    const cause = here.gap_cause || "unknown";
    if (here.gap_cause !== null) return say("gap_because", { cause: sayOr(`cause.${cause}`, cause) });
    return say(here.private ? "legend_private" : "legend_recorded");
  }

  /** @param {string} id @param {Document | HTMLElement} [inside] */
  #part(id, inside = this.root) {
    return /** @type {HTMLElement} */ (inside.querySelector(`#${id}`));
  }

  /** @param {number} ms */
  #across(ms) {
    return Math.min(100, Math.max(0, ((ms - this.fromMs) / (this.nowMs - this.fromMs)) * 100));
  }

  /** @param {Stretch} stretch */
  #bar(stretch) {
    const bar = document.createElement("div");
    const left = this.#across(stretch.start_ms);
    bar.className = stretch.gap_cause !== null ? "gap" : stretch.private ? "private" : "recorded";
    bar.style.left = `${left}%`;
    bar.style.width = `${this.#across(stretch.end_ms) - left}%`;
    return bar;
  }

  /** @param {number} ms */
  #tick(ms) {
    const tick = document.createElement("div");
    tick.style.left = `${this.#across(ms)}%`;
    return tick;
  }

  #place() {
    const ms = Math.min(this.nowMs, Math.max(this.fromMs, this.chosenMs ?? this.nowMs));
    const cursor = this.#part("cursor");
    const across = this.#across(ms);
    cursor.style.left = `${across}%`;
    cursor.style.setProperty("--across", String(Math.round(across)));
    const what = this.chosenMs === null ? say("now") : this.told(ms);
    this.#part("cursor-time").textContent = `${exactTime(ms)} · ${what}`;
    this.root.setAttribute("aria-label", say("timeline"));
    this.root.setAttribute("aria-valuemin", String(Math.round(this.fromMs / 1000)));
    this.root.setAttribute("aria-valuemax", String(Math.round(this.nowMs / 1000)));
    this.root.setAttribute("aria-valuenow", String(Math.round(ms / 1000)));
    this.root.setAttribute("aria-valuetext", say("timeline_value", { time: exactTime(ms), what }));
  }

  /** @param {number} clientX */
  #msAt(clientX) {
    const box = this.root.getBoundingClientRect();
    const across = Math.min(1, Math.max(0, (clientX - box.left) / box.width));
    return this.fromMs + across * (this.nowMs - this.fromMs);
  }

  /** @param {number} ms */
  #choose(ms) {
    this.chosenMs = Math.min(this.nowMs, Math.max(this.fromMs, ms));
    this.#place();
    return this.chosenMs;
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const at = this.chosenMs ?? this.nowMs;
    const step = (this.hours * 3_600_000) / 100;
    /** @type {Record<string, () => unknown>} */
    const answers = {
      ArrowLeft: () => this.#choose(at - (event.shiftKey ? 10_000 : step)),
      ArrowRight: () => this.#choose(at + (event.shiftKey ? 10_000 : step)),
      PageDown: () => this.#choose(at - 10 * step),
      PageUp: () => this.#choose(at + 10 * step),
      Home: () => this.#choose(this.fromMs),
      End: () => this.#choose(this.nowMs),
      Enter: () => this.play(at),
      " ": () => this.play(at),
    };
    const answer = answers[event.key];
    if (!answer || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    answer();
  }
}
