// The list of what the camera noticed, newest first; a chosen one is played.
// @ts-check
import { clockTime, dayAndTime, exactTime, lasting, number, say, sayOr } from "./words.js";

/** @typedef {{event_id: string, revision: number, kind: string, start_ms: number, end_ms: number | null, trust: number, confidence: number, reason: string, zone: string | null}} Event */

const SHAPES = {
  person: "M12 11a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7zM5 20c.6-4 3.4-6 7-6s6.4 2 7 6",
  vehicle: "M3 16v-4l2.5-5h11L21 12v4zM3 12h18M7 16v2M17 16v2",
  motion: "M3 12h3l2.5-6 4 12 3-8 1.5 2h4",
  covered: "M3 12s3.5-6 9-6 9 6 9 6-3.5 6-9 6-9-6-9-6zM4 4l16 16",
  moved: "M4 12h16M4 12l4-4M4 12l4 4M20 12l-4-4M20 12l-4 4",
};
const ABOUT_THE_CAMERA = ["covered", "moved"];

/** Keeps each event's row, so that focus and reading place survive every renewal. */
export class EventList {
  /** @param {HTMLElement} list @param {HTMLElement} none @param {(event: Event) => void} play */
  constructor(list, none, play) {
    this.list = list;
    this.none = none;
    this.play = play;
    /** @type {Map<string, {row: HTMLElement, told: string}>} */
    this.rows = new Map();
  }

  /** @param {Event[]} events newest first */
  show(events) {
    const fresh = new Map();
    events.forEach((event, index) => {
      const told = JSON.stringify(event) + document.documentElement.lang;
      const known = this.rows.get(event.event_id);
      const row = known?.row ?? this.#row();
      if (known?.told !== told) this.#fill(row, event);
      if (this.list.children[index] !== row) this.list.insertBefore(row, this.list.children[index] ?? null);
      fresh.set(event.event_id, { row, told });
    });
    for (const [id, { row }] of this.rows) if (!fresh.has(id)) row.remove();
    this.rows = fresh;
    this.none.hidden = events.length > 0;
  }

  #row() {
    const row = document.createElement("li");
    const button = Object.assign(document.createElement("button"), { type: "button" });
    row.append(button);
    return row;
  }

  /** @param {HTMLElement} row @param {Event} event */
  #fill(row, event) {
    const button = /** @type {HTMLButtonElement} */ (row.firstElementChild);
    row.classList.toggle("health", ABOUT_THE_CAMERA.includes(event.kind));
    const time = Object.assign(document.createElement("time"), {
      dateTime: new Date(event.start_ms).toISOString(),
      textContent: Date.now() - event.start_ms < 20 * 3_600_000 ? exactTime(event.start_ms) : dayAndTime(event.start_ms),
    });
    button.replaceChildren(badge(event.kind), span("kind", kindWord(event)), time, span("more", detail(event)));
    button.title = event.reason;
    button.onclick = () => this.play(event);
  }
}

/** @param {Event} event */
export const kindWord = (event) => sayOr(`kind.${event.kind}`, event.kind);

/** @param {Event} event */
export const announcement = (event) => say("event_noticed", { kind: kindWord(event), time: clockTime(event.start_ms) });

/** @param {Event} event */
function detail(event) {
  const duration = event.end_ms === null ? say("lasting") : lasting((event.end_ms - event.start_ms) / 1000);
  const sure = say("sure", { n: number(event.confidence, { style: "percent" }) });
  return [duration, sure, event.zone, event.trust === 0 ? say("untrusted_time") : ""].filter(Boolean).join(" · ");
}

/** @param {string} name @param {string} text */
function span(name, text) {
  return Object.assign(document.createElement("span"), { className: name, textContent: text });
}

/** @param {string} kind */
function badge(kind) {
  const drawing = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  drawing.setAttribute("viewBox", "0 0 24 24");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", SHAPES[/** @type {keyof typeof SHAPES} */ (kind)] ?? SHAPES.motion);
  drawing.append(path);
  const frame = span("badge", "");
  frame.setAttribute("aria-hidden", "true");
  frame.append(drawing);
  return frame;
}
