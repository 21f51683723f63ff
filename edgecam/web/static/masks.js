// The card on masks and aim: what is burnt and who answers for it, and what happened to the camera's view.
// @ts-check
import { day, number, say } from "./words.js";

/** @param {string} id */
const at = (id) => /** @type {HTMLElement} */ (document.getElementById(id));
// Less is not worth a word.
const TOLD_SHARE = 0.005;

/** Shows what /api/masks and the status said last. */
export class MasksCard {
  constructor() {
    /** @type {any} */ this.masks = null;
    /** @type {any} */ this.aim = null;
  }

  /** @param {any} masks */
  showMasks(masks) {
    this.masks = masks;
    this.draw();
  }

  /** @param {any} aim */
  showAim(aim) {
    this.aim = aim;
    this.draw();
  }

  draw() {
    put(at("aim-words"), happened(this.aim));
    const told = figures(this.masks, this.aim);
    const tiles = at("mask-tiles");
    if (tiles.childElementCount !== told.length) tiles.replaceChildren(...told.map(emptyTile));
    told.forEach(({ label, value, more }, index) => {
      const [term, about] = /** @type {HTMLElement[]} */ ([...tiles.children[index].children]);
      const [main, small] = /** @type {HTMLElement[]} */ ([...about.children]);
      put(term, label);
      put(main, value);
      put(small, more ? ` ${more}` : "");
    });
  }
}

/** Screen readers speak what changes, so nothing is written that stays the same. */
function put(/** @type {HTMLElement} */ element, /** @type {string} */ text) {
  if (element.textContent !== text) element.textContent = text;
}

/** @param {any} masks @param {any} aim */
function figures(masks, aim) {
  const unknown = "–";
  const inForce = masks?.in_force;
  const version = inForce ? String(inForce.version) : masks ? say("no_masks") : unknown;
  const coming = ["draft", "proposed"].includes(masks?.state) ? say(`masks.${masks.state}`) : inForce?.locked_by ? say("locked") : "";
  const confirmed = inForce ? day(inForce.confirmed_ms) : unknown;
  return [
    { label: say("tile.mask_version"), value: version, more: coming },
    { label: say("tile.mask_confirmed"), value: inForce?.confirmed_by ?? unknown, more: inForce ? confirmed : "" },
    { label: say("tile.masked"), value: inForce ? share(inForce.masked_share) : unknown, more: "" },
    { label: say("tile.aim"), value: aim?.state ? say(`aim.${aim.state}`) : unknown, more: aim?.confirmed_by ? say("aim_by", { name: aim.confirmed_by, day: day(aim.confirmed_ms) }) : "" },
  ];
}

/** What happened to the view, and what a person does now; empty while all is well. */
function happened(/** @type {any} */ aim) {
  if (!aim || ["", "steady", "unguarded"].includes(aim.state)) return "";
  return say(`aim_says.${aim.state}`, { shift: shift(aim) });
}

/** In words: how far the picture went, and which way. @param {{off: number, right: number, down: number}} aim */
function shift({ off, right, down }) {
  const ways = [];
  if (Math.abs(right) >= TOLD_SHARE) ways.push(say(right > 0 ? "shift_right" : "shift_left", { n: share(Math.abs(right)) }));
  if (Math.abs(down) >= TOLD_SHARE) ways.push(say(down > 0 ? "shift_down" : "shift_up", { n: share(Math.abs(down)) }));
  // What is left of the farthest point's way was no shift: the picture turned, or its scale changed.
  if (off - Math.hypot(right, down) >= TOLD_SHARE) ways.push(say("shift_turned", { n: share(off) }));
  return ways.join(", ") || say("shift_unknown");
}

/** @param {number} part 0-1 */
const share = (part) => number(part, { style: "percent", maximumFractionDigits: part < 0.1 ? 1 : 0 });

function emptyTile() {
  const tile = document.createElement("div");
  const value = document.createElement("dd");
  value.append(document.createElement("span"), document.createElement("small"));
  tile.append(document.createElement("dt"), value);
  return tile;
}
