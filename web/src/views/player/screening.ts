// What the player does, and what it shows of that: one moment of the past on one <video>.
import { recognise } from "../../camera/signedin";
import { Refusal, sentence } from "../../camera/refusal";
import { Watched } from "../../camera/watched";
import { Damaged } from "../../opening/bytes";
import { type Bring, Feed } from "../../opening/feed";
import { keyring, Locked } from "../../opening/identity";
import { NoDecoder } from "../../opening/mediabuffer";
import type { Rate } from "../../opening/pace";
import { CutOff } from "../../opening/records";
import type { Break, Piece } from "../../opening/stretches";
import type { Range } from "./timescale";

const EXACT_AROUND_MS = 1_800_000;
const EXACT_AFTER_MS = 1000;

/** What there is of the past, as far as it may be shown. */
export interface KnownPast {
  readonly pieces: { readonly value: readonly Piece[] };
  lookAt(range: Range): Promise<void>;
}

export interface Screened {
  /** The moment in the picture; null while there is none. */
  readonly momentMs: number | null;
  readonly playing: boolean;
  readonly waiting: boolean;
  readonly rate: Rate;
  readonly broken: Break | null;
  readonly ended: boolean;
  /** Whether this camera's signature was checked; null where the browser cannot. */
  readonly signed: boolean | null;
  /** The word for what went wrong, or "". */
  readonly failure: string;
  /** The camera's own sentence, where it refused. */
  readonly told: string;
}

const NOTHING: Screened = { momentMs: null, playing: false, waiting: false, rate: 1, broken: null, ended: false, signed: null, failure: "", told: "" };

export class Screening {
  readonly shown = new Watched<Screened>(NOTHING);
  readonly #video: HTMLVideoElement;
  readonly #past: KnownPast;
  readonly #feed: Feed;
  readonly #leaving = new AbortController();
  #exactAtMs = 0;
  #exactly: ReturnType<typeof setTimeout> | undefined;

  constructor(video: HTMLVideoElement, past: KnownPast, bring: Bring, nowMs: () => number) {
    this.#video = video;
    this.#past = past;
    this.#feed = new Feed(video, {
      pieces: () => past.pieces.value,
      bring,
      nowMs,
      onMoment: (momentMs, signed) => this.#moved(momentMs, signed),
      onBreak: (broken) => this.#tell({ broken }),
      onWaiting: (waiting) => this.#tell({ waiting }),
      onEnd: () => this.#tell({ ended: true, playing: false }),
      onFailure: (error) => void this.#failed(error),
    });
    const { signal } = this.#leaving;
    video.addEventListener("play", () => this.#tell({ playing: true }), { signal });
    video.addEventListener("pause", () => this.#tell({ playing: false }), { signal });
  }

  close(): void {
    this.#leaving.abort();
    clearTimeout(this.#exactly);
    this.#feed.close();
  }

  async seek(ms: number, play = true): Promise<void> {
    keyring.used();
    this.#tell({ failure: "", told: "", ended: false });
    this.#lookAround(ms);
    await this.#feed.seek(ms, play);
  }

  toggle(): void {
    keyring.used();
    if (this.#video.paused) void this.#video.play().catch(() => {});
    else this.#video.pause();
  }

  setRate(rate: Rate): void {
    this.#tell({ rate });
    void this.#feed.pace(rate);
  }

  /** One frame on (1) or back (-1). */
  step(by: 1 | -1): void {
    keyring.used();
    const { momentMs } = this.shown.value;
    if (!this.#feed.step(by) && momentMs !== null) void this.seek(momentMs + by * 500, false);
  }

  /** Know exactly what lies around `ms`; after the picture, for the camera reads thousands of headers. */
  #lookAround(ms: number): void {
    clearTimeout(this.#exactly);
    this.#exactAtMs = ms;
    this.#exactly = setTimeout(() => {
      void this.#past.lookAt({ fromMs: ms - EXACT_AROUND_MS, toMs: ms + EXACT_AROUND_MS }).catch(() => {});
    }, EXACT_AFTER_MS);
  }

  #moved(momentMs: number | null, signed: boolean | null): void {
    this.#tell({ momentMs, signed });
    // Long before what is known exactly comes to its end.
    if (momentMs !== null && momentMs - this.#exactAtMs > EXACT_AROUND_MS / 3) this.#lookAround(momentMs);
  }

  #tell(change: Partial<Screened>): void {
    const { value } = this.shown;
    if (Object.entries(change).every(([name, is]) => Object.is(value[name as keyof Screened], is))) return;
    this.shown.set({ ...value, ...change });
    if (value.playing) keyring.used();
  }

  async #failed(error: unknown): Promise<void> {
    this.#video.pause();
    const told = error instanceof Refusal && error.kind !== "Unreachable" ? sentence(error) : "";
    this.#tell({ waiting: false, failure: wordFor(error), told });
    // A stream that broke off may mean that this browser was signed out: ask at once.
    if (error instanceof CutOff || error instanceof TypeError || (error instanceof Refusal && error.kind === "Unreachable"))
      await recognise().catch(() => {});
  }
}

function wordFor(error: unknown): string {
  if (error instanceof Locked) return "player_locked";
  if (error instanceof NoDecoder) return "player_undecodable";
  if (error instanceof Damaged) return "player_unopened";
  if (error instanceof Refusal && error.kind === "NotAllowed") return "player_refused";
  if (error instanceof Refusal && error.kind !== "Unreachable") return "player_refused";
  return "player_broken";
}
