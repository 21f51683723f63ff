// How the camera is: the word in the page's head, faults as sentences, and the few figures an owner asks for.
// @ts-check
import { dayAndTime, number, say, sayOr } from "./words.js";

/** @param {string} id */
const at = (id) => /** @type {HTMLElement} */ (document.getElementById(id));

/** @param {any} status what /api/status answered */
export function showHealth(status) {
  at("camera-name").textContent = document.title = status.camera_name;
  at("condition").dataset.condition = status.condition;
  put(at("condition-word"), say(`condition.${status.condition}`));
  showFaults(status.faults);
  showOrders(status);
  showTiles(figures(status));
}

/** Not said by the camera but by its silence. */
export function showUnreachable(/** @type {boolean} */ away) {
  const notice = at("unreachable");
  put(notice, away ? say("unreachable") : "");
  notice.hidden = !away;
  if (away) {
    at("condition").dataset.condition = "unknown";
    put(at("condition-word"), say("connecting"));
  }
}

/** Screen readers speak what changes, so nothing is written that stays the same. */
function put(/** @type {HTMLElement} */ element, /** @type {string} */ text) {
  if (element.textContent !== text) element.textContent = text;
}

/** What commands began and what still stands: privacy, and what is not reported. @param {any} status */
function showOrders({ recorder, observer }) {
  const until = (/** @type {number} */ ns) => dayAndTime(ns / 1e6);
  const sentences = (observer?.silences ?? []).map((/** @type {any} */ told) => {
    const what = [say(`kind.${told.kind}`), told.place].filter(Boolean).join(" · ");
    return say("ordered_silence", { by: told.by, until: until(told.until_wall_ns), what });
  });
  if (recorder?.private_by) {
    const ends = recorder.private_until_wall_ns;
    const values = { by: recorder.private_by, until: ends ? until(ends) : "" };
    sentences.unshift(ends ? say("ordered_private", values) : say("ordered_private_open", values));
  }
  put(at("orders"), sentences.join(" "));
  at("orders").hidden = sentences.length === 0;
}

/** @param {{code: string, sentence: string}[]} faults */
function showFaults(faults) {
  const list = at("faults");
  const sentences = faults.map((fault) => sayOr(`fault.${fault.code}`, fault.sentence, { sentence: fault.sentence }));
  const shown = [...list.children].map((item) => item.textContent);
  if (JSON.stringify(shown) === JSON.stringify(sentences)) return;
  list.replaceChildren(...sentences.map((sentence) => Object.assign(document.createElement("li"), { textContent: sentence })));
}

/**
 * @typedef {{key: string, value: string, more?: string, wrong?: boolean}} Figure
 * @param {any} status
 * @returns {Figure[]}
 */
function figures({ recorder, observer, hub }) {
  const unknown = "–";
  const waiting = hub?.outbox ? say("waiting_events", { n: hub.outbox }) : "";
  return [
    { key: "fps", value: recorder ? number(recorder.fps) : unknown, more: recorder ? `${recorder.width} × ${recorder.height}` : "" },
    { key: "dropped", value: recorder ? number(recorder.frames_dropped) : unknown, wrong: recorder?.frames_dropped > 0 },
    { key: "bit_rate", value: recorder ? number(recorder.bit_rate_kbps / 1000) : unknown, more: "Mbit/s" },
    { key: "days", value: recorder ? span(recorder.days_kept) : unknown, more: recorder ? say("of_days", { n: number(recorder.days_policy) }) : "" },
    { key: "ring", value: recorder ? number(recorder.ring_size_bytes / 1e9) : unknown, more: "GB" },
    { key: "clock", value: recorder ? say(`trust.${recorder.time_trust}`) : unknown, wrong: recorder?.time_trust === 0 },
    { key: "broker", value: hub ? say(`broker.${hub.broker}`) : unknown, more: waiting, wrong: hub?.broker === "refused" },
    { key: "detector", value: observer?.detector ? number(observer.look_ms) : say("off"), more: observer?.detector ? "ms" : "" },
  ];
}

/** @param {number} days */
function span(days) {
  if (days >= 1) return say("days", { n: number(days) });
  return days * 24 >= 1 ? say("hours", { n: number(days * 24) }) : say("minutes", { n: Math.floor(days * 1440) });
}

/** @param {Figure[]} all */
function showTiles(all) {
  const list = at("tiles");
  if (list.childElementCount !== all.length) list.replaceChildren(...all.map(emptyTile));
  all.forEach((figure, index) => {
    const tile = list.children[index];
    const [label, value] = /** @type {HTMLElement[]} */ ([...tile.children]);
    tile.classList.toggle("wrong", Boolean(figure.wrong));
    put(label, say(`tile.${figure.key}`));
    const [main, more] = /** @type {HTMLElement[]} */ ([...value.children]);
    put(main, figure.value);
    put(more, figure.more ? ` ${figure.more}` : "");
  });
}

function emptyTile() {
  const tile = document.createElement("div");
  const value = document.createElement("dd");
  value.append(document.createElement("span"), document.createElement("small"));
  tile.append(document.createElement("dt"), value);
  return tile;
}
