// The live masked picture: parts of one multipart answer, drawn with the mark of viewer and time in the picture.
// @ts-check
import { Refusal, stream } from "./camera.js";
import { clockTime, say, stamp } from "./words.js";

const AGAIN_MS = 2000;
const HEAD_END = "\r\n\r\n";

/** Shows the camera for as long as the page is looked at. */
export class LiveView {
  /** @param {HTMLElement} figure @param {HTMLCanvasElement} canvas @param {HTMLElement} missing */
  constructor(figure, canvas, missing) {
    this.figure = figure;
    this.canvas = canvas;
    this.missing = missing;
    /** @type {AbortController | null} */
    this.watching = null;
    this.labelled = "";
    this.#absent("live_waiting");
    document.addEventListener("visibilitychange", () => (document.hidden ? this.stop() : this.start()));
  }

  start() {
    if (this.watching || document.hidden) return;
    this.watching = new AbortController();
    void this.#watch(this.watching.signal);
  }

  stop() {
    this.watching?.abort();
    this.watching = null;
  }

  /** @param {AbortSignal} signal */
  async #watch(signal) {
    while (!signal.aborted) {
      try {
        const { reader } = await stream("/api/live", signal);
        await this.#showParts(new Parts(reader), signal);
        this.#absent("live_waiting");
      } catch (error) {
        if (signal.aborted) return;
        this.#absent(reason(error));
      }
      await new Promise((again) => setTimeout(again, AGAIN_MS));
    }
  }

  /** @param {Parts} parts @param {AbortSignal} signal */
  async #showParts(parts, signal) {
    for (let part = await parts.next(); part && !signal.aborted; part = await parts.next()) {
      const picture = await createImageBitmap(part.jpeg);
      this.#draw(picture, part);
      picture.close();
    }
  }

  /** @param {ImageBitmap} picture @param {{capturedMs: number, isPrivate: boolean}} moment */
  #draw(picture, moment) {
    const width = Math.max(picture.width, Math.round(this.figure.clientWidth * devicePixelRatio));
    const height = Math.round((width * picture.height) / picture.width);
    if (this.canvas.width !== width || this.canvas.height !== height) {
      Object.assign(this.canvas, { width, height });
      this.figure.style.aspectRatio = `${picture.width} / ${picture.height}`;
    }
    const context = this.canvas.getContext("2d");
    if (!context) return;
    context.imageSmoothingQuality = "high";
    context.drawImage(picture, 0, 0, width, height);
    const words = [moment.isPrivate ? say("live_private") : "", say("viewer"), stamp(moment.capturedMs)];
    drawMark(context, words.filter(Boolean).join(" · "), width / Math.max(1, this.figure.clientWidth));
    this.figure.classList.remove("without");
    const label = say("live_label", { time: clockTime(moment.capturedMs) });
    if (label !== this.labelled) this.canvas.setAttribute("aria-label", (this.labelled = label));
  }

  /** @param {string} key */
  #absent(key) {
    this.figure.classList.add("without");
    const words = /** @type {HTMLElement} */ (this.missing.firstElementChild);
    words.dataset.word = key;
    words.textContent = say(key);
  }
}

/** @param {unknown} error */
function reason(error) {
  if (!(error instanceof Refusal) || error.kind !== "Unavailable") return "live_waiting";
  return error.message.includes("viewers") ? "live_crowded" : "live_none";
}

/**
 * Part of the pixels, so that a saved or photographed picture still names who looked, and when.
 * @param {CanvasRenderingContext2D} context @param {string} text @param {number} scale canvas pixels a CSS pixel
 */
export function drawMark(context, text, scale) {
  const size = 13 * scale;
  context.font = `500 ${size}px ${getComputedStyle(context.canvas).fontFamily}`;
  context.textBaseline = "middle";
  const width = context.measureText(text).width + size * 1.4;
  context.fillStyle = "rgb(0 0 0 / 55%)";
  context.beginPath();
  context.roundRect(size * 0.8, size * 0.8, width, size * 1.9, size * 0.5);
  context.fill();
  context.fillStyle = "#fff";
  context.fillText(text, size * 1.5, size * 1.8);
}

/** Reads `multipart/x-mixed-replace`: each part tells its own length. */
class Parts {
  /** @param {ReadableStreamDefaultReader<Uint8Array>} reader */
  constructor(reader) {
    this.reader = reader;
    this.held = new Uint8Array(0);
  }

  /** The next part, or null when the camera ended the answer. */
  async next() {
    let end = this.#headEnd();
    while (end < 0) {
      if (!(await this.#more())) return null;
      end = this.#headEnd();
    }
    const head = new TextDecoder().decode(this.held.subarray(0, end));
    const size = Number(field(head, "Content-Length"));
    const start = end + HEAD_END.length;
    while (this.held.length < start + size) if (!(await this.#more())) return null;
    const jpeg = new Blob([this.held.slice(start, start + size)], { type: "image/jpeg" });
    this.held = this.held.slice(start + size);
    return { jpeg, capturedMs: Number(field(head, "X-Captured-Ms")), isPrivate: field(head, "X-Private") === "1" };
  }

  #headEnd() {
    // A head is short ASCII; looking at the first bytes keeps this cheap while a picture is still arriving.
    return new TextDecoder("latin1").decode(this.held.subarray(0, 512)).indexOf(HEAD_END);
  }

  async #more() {
    const { done, value } = await this.reader.read();
    if (done) return false;
    const joined = new Uint8Array(this.held.length + value.length);
    joined.set(this.held);
    joined.set(value, this.held.length);
    this.held = joined;
    return true;
  }
}

/** @param {string} head @param {string} name */
function field(head, name) {
  return new RegExp(`^${name}: (.*)$`, "im").exec(head)?.[1].trim() ?? "";
}
