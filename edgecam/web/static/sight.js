// The unmasked picture, for the installer alone, with the outlines of what is masked drawn over it.
// @ts-check
import { ask, picture, Refusal } from "./camera.js";
import { drawMark } from "./live.js";
import { say, stamp } from "./words.js";

const EVERY_MS = 200;
const AGAIN_MS = 1500;
const OUTLINES_MS = 2000;
const SVG = "http://www.w3.org/2000/svg";

/** Looks for as long as its dialog is open; each picture is asked for, and nothing of it is kept. */
export class Sight {
  /** @param {HTMLDialogElement} dialog @param {() => void} ended */
  constructor(dialog, ended) {
    this.dialog = dialog;
    this.ended = ended;
    this.viewer = "";
    const find = (/** @type {string} */ id) => /** @type {any} */ (dialog.querySelector(id));
    this.figure = /** @type {HTMLElement} */ (find("#sight-picture"));
    this.canvas = /** @type {HTMLCanvasElement} */ (find("#sight-canvas"));
    this.outlines = /** @type {SVGElement} */ (find("#sight-outlines"));
    this.missing = /** @type {HTMLElement} */ (find("#sight-missing"));
    find("#sight-close").addEventListener("click", () => dialog.close());
    dialog.addEventListener("close", () => this.#clear());
  }

  /** @param {string} viewer who looks: the mark in the picture names them */
  async open(viewer) {
    if (this.dialog.open) return;
    this.viewer = viewer;
    this.canvas.setAttribute("aria-label", say("sight_label"));
    this.#absent(say("live_waiting"));
    this.dialog.showModal();
    void this.#follow(OUTLINES_MS, () => this.#renewOutlines());
    await this.#follow(EVERY_MS, () => this.#renew());
  }

  /** The session is over. */
  over() {
    if (this.dialog.open) this.dialog.close();
  }

  /** @param {number} everyMs @param {() => Promise<void>} renew */
  async #follow(everyMs, renew) {
    while (this.dialog.open) {
      let waitMs = everyMs;
      try {
        if (!document.hidden) await renew();
      } catch (error) {
        if (error instanceof Refusal && error.kind === "NotAllowed") {
          this.over();
          this.ended();
          return;
        }
        this.#absent(say("live_none"));
        waitMs = AGAIN_MS;
      }
      await new Promise((again) => setTimeout(again, waitMs));
    }
  }

  async #renew() {
    const { jpeg, capturedMs } = await picture("/api/unmasked.jpg");
    const bitmap = await createImageBitmap(jpeg);
    if (this.dialog.open) this.#draw(bitmap, capturedMs);
    bitmap.close();
  }

  /** @param {ImageBitmap} bitmap @param {number} capturedMs */
  #draw(bitmap, capturedMs) {
    const shown = Math.max(1, this.figure.clientWidth);
    const width = Math.max(bitmap.width, Math.round(shown * devicePixelRatio));
    const height = Math.round((width * bitmap.height) / bitmap.width);
    if (this.canvas.width !== width || this.canvas.height !== height) {
      Object.assign(this.canvas, { width, height });
      this.figure.style.aspectRatio = `${bitmap.width} / ${bitmap.height}`;
    }
    const context = this.canvas.getContext("2d");
    if (!context) return;
    context.drawImage(bitmap, 0, 0, width, height);
    drawMark(context, `${say("unmasked")} · ${this.viewer} · ${stamp(capturedMs)}`, width / shown);
    this.figure.classList.remove("without");
    this.missing.textContent = "";
  }

  async #renewOutlines() {
    const told = await ask("/api/installer/outlines");
    const drawn = [...told.in_force.map((/** @type {any} */ o) => outline(o, "in-force")), ...told.coming.map((/** @type {any} */ o) => outline(o, "coming"))];
    this.outlines.replaceChildren(...drawn);
  }

  /** @param {string} words */
  #absent(words) {
    this.figure.classList.add("without");
    this.missing.textContent = words;
  }

  #clear() {
    this.canvas.getContext("2d")?.clearRect(0, 0, this.canvas.width, this.canvas.height);
    this.outlines.replaceChildren();
    this.figure.classList.add("without");
  }
}

/** @param {{name: string, reason: string, points: [number, number][]}} told @param {string} when */
function outline(told, when) {
  const polygon = document.createElementNS(SVG, "polygon");
  polygon.setAttribute("points", told.points.map(([x, y]) => `${x},${y}`).join(" "));
  polygon.setAttribute("class", told.reason === "own" ? `${when} own` : when);
  return polygon;
}
