// Plays opened footage: from a moment on, over the borders of segments, epochs and recorder runs, and never silently
// over a gap. Media time runs as the moments do, so a gap is a hole in the buffer as long as it was.
import { keyframeFragment, readFragment, retimed } from "./boxes";
import { type Bytes, Damaged } from "./bytes";
import type { OpenedSegment } from "./epoch";
import { MediaBuffer } from "./mediabuffer";
import type { Span } from "./opening";
import { paceOf, type Rate, samePace } from "./pace";
import { Presentation } from "./presentation";
import { Shelf } from "./shelf";
import { type Break, breakBetween, footageFrom, type Piece } from "./stretches";

const BEHIND_S = 60;
const DAY_MS = 86_400_000;
/** Long enough to be read; whoever steps or seeks need not wait for it. */
const BREAK_SHOWN_MS = 1800;
const AT_END_S = 0.3;
/** At the present, a question is asked when this much is there: each is a line of the register. */
const WORTH_ASKING_MS = 10_000;
const TICK_MS = 100;
const AGAIN_MS = 1000;
const MOST_EMPTY = 3;

/** Opened segments of a span, in order. */
export type Bring = (span: Span, signal: AbortSignal) => AsyncIterable<OpenedSegment>;

export interface Feeding {
  /** What there is, as far as it is known; asked again before each question to the camera. */
  readonly pieces: () => readonly Piece[];
  readonly bring: Bring;
  /** The camera's clock. */
  readonly nowMs: () => number;
  /** Another moment is shown, or nothing. */
  readonly onMoment: (ms: number | null, signed: boolean | null) => void;
  /** A break is shown instead of a picture; null when it is over. */
  readonly onBreak: (broken: Break | null) => void;
  /** Whether a picture is still being fetched. */
  readonly onWaiting: (waiting: boolean) => void;
  /** Everything that there is was shown. */
  readonly onEnd: () => void;
  readonly onFailure: (error: unknown) => void;
}

export class Feed {
  readonly #video: HTMLVideoElement;
  readonly #to: Feeding;
  readonly #shelf = new Shelf();
  #buffer: MediaBuffer | null = null;
  #baseMs = 0;
  #rate: Rate = 1;
  #pumping: AbortController | null = null;
  #pumped = false;
  #init: Bytes | null = null;
  #signed: boolean | null = null;
  #break: ReturnType<typeof setTimeout> | null = null;
  #ended = false;
  #plays = false;
  readonly #ticking: ReturnType<typeof setInterval>;

  constructor(video: HTMLVideoElement, to: Feeding) {
    this.#video = video;
    this.#to = to;
    this.#ticking = setInterval(() => this.#tick(), TICK_MS);
  }

  /** Let go of every picture. */
  close(): void {
    clearInterval(this.#ticking);
    this.#stop();
    this.#buffer?.close();
    this.#shelf.clear();
  }

  get momentMs(): number | null {
    return this.#shelf.momentAt(this.#video.currentTime);
  }

  /** Show `ms`, or the first footage after it, with the break before; with `plays`, go on from there. */
  async seek(ms: number, plays: boolean): Promise<void> {
    this.#endBreak();
    this.#ended = false;
    this.#plays = plays;
    const known = this.#shelf.timeOf(ms);
    if (known !== null && this.#pumping) {
      this.#video.currentTime = known;
      if (plays) void this.#video.play().catch(() => {});
      return this.#tick();
    }
    await this.#begin(ms);
  }

  /** Play at `rate` from now on. */
  async pace(rate: Rate): Promise<void> {
    const same = samePace(rate, this.#rate);
    this.#rate = rate;
    this.#video.playbackRate = rate;
    const ms = this.momentMs;
    this.#plays = !this.#video.paused;
    if (!same && ms !== null) await this.#begin(ms);
  }

  /** Show the next frame (1) or the one before (-1), standing still; false where that one is not at hand. */
  step(by: 1 | -1): boolean {
    this.#video.pause();
    const frame = this.#shelf.frameBeside(this.#video.currentTime, by);
    if (frame === null) return false;
    this.#video.currentTime = frame + 0.002; // into the frame, past what a browser rounds
    return true;
  }

  async #begin(ms: number): Promise<void> {
    this.#stop();
    const pumping = (this.#pumping = new AbortController());
    const { signal } = pumping;
    this.#to.onWaiting(true);
    try {
      if (!this.#buffer || ms < this.#baseMs) await this.#open(ms);
      await this.#buffer!.remove(0, Infinity);
      signal.throwIfAborted();
      this.#shelf.clear();
      this.#pumped = false;
      await this.#pump(ms, signal);
      this.#pumped = true;
    } catch (error) {
      if (!signal.aborted) this.#to.onFailure(error);
    }
  }

  async #open(ms: number): Promise<void> {
    this.#buffer?.close();
    this.#baseMs = ms - 400 * DAY_MS;
    this.#init = null;
    this.#buffer = await MediaBuffer.open(this.#video);
    this.#video.playbackRate = this.#rate;
  }

  #stop(): void {
    this.#pumping?.abort();
    this.#pumping = null;
    this.#endBreak();
  }

  async #pump(fromMs: number, signal: AbortSignal): Promise<void> {
    const placing = new Placing(this.#baseMs);
    let empty = 0;
    for (let atMs = fromMs; !signal.aborted; ) {
      const pace = paceOf(this.#rate);
      const found = footageFrom(this.#to.pieces(), atMs);
      const isPresent = found !== null && this.#to.nowMs() - found.endMs < WORTH_ASKING_MS;
      if (found === null || (isPresent && found.endMs - found.startMs < WORTH_ASKING_MS && atMs !== fromMs)) {
        if (this.#isOver(found)) return;
        await later(AGAIN_MS, signal);
        continue;
      }
      const before = atMs === fromMs ? breakBetween(this.#to.pieces(), fromMs, found.startMs) : null;
      if (before) this.#showBreak(before);
      const toMs = Math.min(found.endMs, found.startMs + pace.spanMs);
      const placed = placing.count;
      for await (const opened of this.#to.bring({ fromMs: found.startMs, toMs, everyS: pace.everyS }, signal)) {
        if (this.#shelf.last && opened.startMs < this.#shelf.last.startMs + 1) continue; // shown already
        await this.#put(opened, placing, pace.keyframes, pace.everyS);
        if (this.#shelf.first === this.#shelf.last) this.#reach(fromMs);
        await this.#room(pace.aheadS, signal);
      }
      // Each question is a register line: footage that does not open (another owner's, or rotten) is not asked on and on.
      empty = placing.count > placed ? 0 : empty + 1;
      if (empty >= MOST_EMPTY) throw new Damaged("nothing of this footage opens");
      atMs = toMs;
    }
  }

  /** Whether nothing more will come: where recording goes on, more will. */
  #isOver(found: object | null): boolean {
    const last = this.#to.pieces().at(-1);
    return found === null && !(last && this.#to.nowMs() - last.end_ms < 60_000);
  }

  async #put(opened: OpenedSegment, placing: Placing, keyframes: boolean, everyS: number): Promise<void> {
    const { init, facts: initFacts } = opened.epoch;
    if (this.#init !== init && !(this.#init && same(this.#init, init))) {
      await this.#buffer!.begin(init, initFacts.codec);
      this.#init = init;
    }
    const facts = readFragment(opened.fragment, initFacts);
    const { timescale } = initFacts;
    const place = placing.place(opened, facts, timescale);
    const sequence = placing.count;
    const duration = keyframes ? Math.max(facts.duration, everyS * timescale) : facts.duration;
    const moved = keyframes
      ? keyframeFragment(opened.fragment, facts, initFacts, sequence, place, duration)
      : retimed(opened.fragment, facts, sequence, place);
    await this.#buffer!.append(moved);
    let decoded = place;
    const frames = facts.samples.map((sample) => (decoded += sample.duration) - sample.duration + sample.shownAfter);
    this.#shelf.put({
      startS: place / timescale,
      endS: (place + duration) / timescale,
      startMs: opened.startMs,
      frames: (keyframes ? frames.slice(0, 1) : frames.sort((one, other) => one - other)).map((ticks) => ticks / timescale),
    });
    this.#signed = opened.signed;
  }

  /** The first segment is there: begin where it was asked for, or where footage begins. */
  #reach(ms: number): void {
    const first = this.#shelf.first!;
    this.#video.currentTime = Math.max(first.startS, this.#shelf.timeOf(ms) ?? first.startS) + 0.001;
    if (this.#plays && !this.#break) void this.#video.play().catch(() => {});
    this.#to.onWaiting(false);
  }

  async #room(aheadS: number, signal: AbortSignal): Promise<void> {
    const { currentTime } = this.#video;
    if (this.#shelf.first && this.#shelf.first.endS < currentTime - 2 * BEHIND_S) {
      await this.#buffer!.remove(0, currentTime - BEHIND_S);
      this.#shelf.dropBefore(currentTime - BEHIND_S);
    }
    while (this.#shelf.aheadS(this.#video.currentTime) > aheadS) await later(AGAIN_MS / 4, signal);
    signal.throwIfAborted();
  }

  #tick(): void {
    const { currentTime, readyState, seeking } = this.#video;
    if (!this.#pumping || !this.#shelf.first || seeking) return;
    if (!this.#break) this.#to.onMoment(this.momentMs, this.#signed);
    const lasts = readyState >= HTMLMediaElement.HAVE_FUTURE_DATA;
    const broken = this.#shelf.breakAfter(currentTime);
    if (broken && currentTime > broken.end.endS - AT_END_S && !lasts) return this.#cross(broken);
    const { last } = this.#shelf;
    const atEnd = last !== undefined && currentTime > last.endS - AT_END_S && !lasts;
    this.#to.onWaiting(!this.#break && !lasts && readyState < HTMLMediaElement.HAVE_CURRENT_DATA);
    if (atEnd && this.#pumped && !this.#ended) {
      this.#ended = true;
      this.#to.onEnd();
    }
  }

  /** At the end of an unbroken run: on to the next one, with a word on what lies between. */
  #cross({ end, next }: NonNullable<ReturnType<Shelf["breakAfter"]>>): void {
    if (this.#break) return;
    this.#plays = !this.#video.paused;
    const endMs = end.startMs + (end.endS - end.startS) * 1000;
    const between = breakBetween(this.#to.pieces(), endMs, next.startMs);
    const goOn = () => (this.#video.currentTime = next.startS + 0.001);
    if (between) this.#showBreak(between, goOn);
    else goOn();
  }

  #showBreak(broken: Break, over: () => void = () => {}): void {
    this.#endBreak();
    this.#to.onBreak(broken);
    this.#break = setTimeout(() => {
      this.#endBreak();
      over();
      if (this.#plays) void this.#video.play().catch(() => {});
    }, BREAK_SHOWN_MS);
  }

  #endBreak(): void {
    if (this.#break === null) return;
    clearTimeout(this.#break);
    this.#break = null;
    this.#to.onBreak(null);
  }
}

/** Gives each segment its media time; one recorder run is laid down to the tick. */
class Placing {
  count = 0;
  #timescale = 0;
  #presentation: Presentation | null = null;

  constructor(private readonly baseMs: number) {}

  place(opened: OpenedSegment, facts: Parameters<Presentation["place"]>[1], timescale: number): number {
    this.count += 1;
    if (!this.#presentation || timescale !== this.#timescale) {
      this.#timescale = timescale;
      this.#presentation = new Presentation(timescale, Math.round(((opened.startMs - this.baseMs) / 1000) * timescale));
    }
    return this.#presentation.place(opened.header, facts);
  }
}

function same(one: Bytes, other: Bytes): boolean {
  return one.length === other.length && one.every((byte, at) => byte === other[at]);
}

function later(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((happened, failed) => {
    const timer = setTimeout(happened, ms);
    signal.addEventListener("abort", () => (clearTimeout(timer), failed(signal.reason)), { once: true });
    if (signal.aborted) failed(signal.reason);
  });
}
