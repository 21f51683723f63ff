// Playback of recorded footage: one stream from the camera, fed to the browser's own decoder a little ahead of time.
// @ts-check
import { ask, Refusal, stream } from "./camera.js";
import { dayAndTime, say, stamp } from "./words.js";

const MINUTE_MS = 60_000;
const GOES_ON_MS = 5000;
const LONGEST_HOLE_S = 10;
const AHEAD_S = 30;
const BEHIND_S = 60;

/** Plays a minute from a moment; the mark names the viewer and both times, also in full screen. */
export class Player {
  /** @param {HTMLDialogElement} dialog @param {() => Promise<boolean>} unlock @param {() => void} used */
  constructor(dialog, unlock, used) {
    this.dialog = dialog;
    this.unlock = unlock;
    this.used = used;
    this.fromMs = 0;
    this.toMs = 0;
    this.startMs = 0;
    /** @type {AbortController | null} */
    this.playing = null;
    this.video = /** @type {HTMLVideoElement} */ (dialog.querySelector("video"));
    this.message = /** @type {HTMLElement} */ (dialog.querySelector("#player-message"));
    this.mark = /** @type {HTMLElement} */ (dialog.querySelector("#player-mark"));
    this.title = /** @type {HTMLElement} */ (dialog.querySelector("#player-title"));
    this.video.addEventListener("timeupdate", () => this.#showMark());
    this.video.addEventListener("waiting", () => this.#skipHole());
    this.video.addEventListener("ended", () => this.#goOn());
    // The event comes late: by then the next play may have opened the dialog again.
    dialog.addEventListener("close", () => dialog.open || this.#stop());
    this.#on("#player-close", () => dialog.close());
    this.#on("#earlier", () => void this.play(this.fromMs - MINUTE_MS));
    this.#on("#later", () => void this.play(this.fromMs + MINUTE_MS));
    this.#on("#fullscreen", () => void dialog.querySelector("#player-picture")?.requestFullscreen());
  }

  /** @param {number} fromMs */
  async play(fromMs) {
    this.#stop();
    this.fromMs = Math.round(fromMs);
    this.playing = new AbortController();
    const { signal } = this.playing;
    this.title.textContent = dayAndTime(this.fromMs);
    this.video.setAttribute("aria-label", say("player_label"));
    if (!this.dialog.open) this.dialog.showModal();
    this.message.textContent = say("player_loading");
    try {
      await this.#play(signal);
    } catch (error) {
      if (!signal.aborted) await this.#refused(error);
    }
  }

  /** @param {AbortSignal} signal */
  async #play(signal) {
    const { startMs, endMs } = await footageFrom(this.fromMs);
    this.toMs = endMs;
    const { headers, reader } = await stream(`/api/footage.mp4?from_ms=${startMs}&to_ms=${endMs}`, signal);
    this.used();
    this.startMs = Number(headers.get("X-Start-Ms"));
    // The stream begins at a keyframe, which may be a little before the chosen moment.
    this.video.addEventListener("loadeddata", () => this.#reach(signal), { once: true, signal });
    await feed(this.video, reader, signal);
  }

  /** @param {AbortSignal} signal */
  #reach(signal) {
    if (signal.aborted) return;
    const wanted = (this.fromMs - this.startMs) / 1000;
    if (wanted > 0.2 && wanted < 10) this.video.currentTime = wanted;
    this.message.textContent = "";
    this.#showMark();
  }

  /** @param {unknown} error */
  async #refused(error) {
    if (!(error instanceof Refusal)) this.message.textContent = say("player_broken");
    else if (error.kind === "NotAllowed") await this.#openFirst();
    else if (error.kind === "BadInput") this.message.textContent = say("player_nothing");
    else this.message.textContent = error.kind === "Unreachable" ? say("player_broken") : error.message;
  }

  async #openFirst() {
    const fromMs = this.fromMs;
    this.dialog.close();
    if (await this.unlock()) await this.play(fromMs);
  }

  /** What follows; not at the present, where every second would be a register line of its own. */
  #goOn() {
    if (this.toMs - this.fromMs > GOES_ON_MS) void this.play(this.toMs);
  }

  #skipHole() {
    const { buffered, currentTime } = this.video;
    for (let n = 0; n < buffered.length; n++) {
      if (buffered.start(n) > currentTime && buffered.start(n) < currentTime + LONGEST_HOLE_S) {
        this.video.currentTime = buffered.start(n) + 0.01;
        return;
      }
    }
  }

  #showMark() {
    const shown = this.startMs + this.video.currentTime * 1000;
    this.mark.textContent = `${stamp(shown)}\n${say("viewer")} · ${stamp(Date.now())}`;
  }

  #stop() {
    this.playing?.abort();
    this.playing = null;
    this.mark.textContent = this.message.textContent = "";
    this.video.removeAttribute("src");
    this.video.load();
  }

  /** @param {string} selector @param {() => void} answer */
  #on(selector, answer) {
    this.dialog.querySelector(selector)?.addEventListener("click", answer);
  }
}

/**
 * The first stretch of footage in the minute from `fromMs`; never across a gap, where media time and the clock part.
 * @param {number} fromMs
 */
async function footageFrom(fromMs) {
  /** @type {import("./timeline.js").Stretch[]} */
  const stretches = await ask(`/api/recordings?from_ms=${fromMs}&to_ms=${fromMs + MINUTE_MS}`);
  const found = stretches.find((stretch) => stretch.gap_cause === null && stretch.end_ms > fromMs);
  if (!found) throw new Refusal("BadInput", "there is no footage of that time");
  return { startMs: Math.max(fromMs, found.start_ms), endMs: Math.min(fromMs + MINUTE_MS, found.end_ms) };
}

/**
 * Give `video` what `reader` brings, no more than half a minute ahead of what is watched.
 * @param {HTMLVideoElement} video @param {ReadableStreamDefaultReader<Uint8Array>} reader @param {AbortSignal} signal
 */
async function feed(video, reader, signal) {
  // iPhones know only the managed kind.
  const Kind = window.MediaSource ?? /** @type {any} */ (window).ManagedMediaSource;
  if (!Kind) throw new Error("this browser has no MediaSource");
  const source = new Kind();
  const url = URL.createObjectURL(source);
  video.src = url;
  await once(source, "sourceopen", signal);
  URL.revokeObjectURL(url);
  /** @type {SourceBuffer | null} */
  let buffer = null;
  let piece = await moovIn(reader);
  for (let done = false; !done; { done, value: piece } = await reader.read()) {
    buffer ??= /** @type {SourceBuffer} */ (source.addSourceBuffer(`video/mp4; codecs="${codecOf(piece)}"`));
    await append(buffer, piece, signal);
    await room(video, buffer, signal);
  }
  if (source.readyState === "open") source.endOfStream();
}

/**
 * The stream's beginning, as far as the codec's description in it.
 * @param {ReadableStreamDefaultReader<Uint8Array>} reader
 * @returns {Promise<any>}
 */
async function moovIn(reader) {
  let held = new Uint8Array(0);
  while (codecOf(held) === "") {
    const { done, value } = await reader.read();
    if (done || held.length > 1_000_000) throw new Error("the stream describes no H.264 picture");
    const joined = new Uint8Array(held.length + value.length);
    joined.set(held);
    joined.set(value, held.length);
    held = joined;
  }
  return held;
}

/** Profile, constraints and level out of the avcC box (ISO/IEC 14496-15, 5.3.3.1). @param {Uint8Array} bytes */
function codecOf(bytes) {
  const mark = [0x61, 0x76, 0x63, 0x43];
  const at = bytes.findIndex((_, index) => mark.every((byte, offset) => bytes[index + offset] === byte));
  if (at < 0 || bytes.length < at + 8) return "";
  return `avc1.${[...bytes.subarray(at + 5, at + 8)].map((byte) => byte.toString(16).padStart(2, "0")).join("")}`;
}

/** @param {SourceBuffer} buffer @param {BufferSource} piece @param {AbortSignal} signal */
async function append(buffer, piece, signal) {
  const ended = once(buffer, "updateend", signal);
  buffer.appendBuffer(piece);
  await ended;
}

/** Wait until less than half a minute lies ahead, and let go of what was watched. */
async function room(
  /** @type {HTMLVideoElement} */ video, /** @type {SourceBuffer} */ buffer, /** @type {AbortSignal} */ signal) {
  const ahead = () => (buffer.buffered.length ? buffer.buffered.end(buffer.buffered.length - 1) - video.currentTime : 0);
  while (ahead() > AHEAD_S) await once(video, "timeupdate", signal);
  const behind = video.currentTime - BEHIND_S;
  if (behind > 0 && buffer.buffered.length && buffer.buffered.start(0) < behind - BEHIND_S) {
    const ended = once(buffer, "updateend", signal);
    buffer.remove(0, behind);
    await ended;
  }
}

/** @param {EventTarget} target @param {string} name @param {AbortSignal} signal @returns {Promise<void>} */
function once(target, name, signal) {
  return new Promise((happened, failed) => {
    signal.addEventListener("abort", () => failed(signal.reason), { once: true });
    if (signal.aborted) failed(signal.reason);
    target.addEventListener(name, () => happened(), { once: true, signal });
    target.addEventListener("error", () => failed(new Error("the browser refused the footage")), { once: true, signal });
  });
}
