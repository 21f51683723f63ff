// Footage of a span, opened as it comes: sealed segments and the keys to them from the camera, the clear from here.
import { ask, stream } from "../camera/http";
import { type Bytes, Damaged, fromBase64, hex } from "./bytes";
import { type EpochAnswer, OpenEpoch, type OpenedSegment, ringIdOf, type Unseal } from "./epoch";
import type { SegmentHeader } from "./header";
import { segmentsOf } from "./records";

/** Where sealed footage comes from: "/api/ring", or "/api/album". */
export type Source = string;

export interface Span {
  readonly fromMs: number;
  readonly toMs: number;
  /** Only the first segment of each such step; 0 for all. */
  readonly everyS?: number;
}

const MOST_EPOCHS = 64;

/** Opens what one source serves; knows the keys of the epochs that were opened last. */
export class Opener {
  /** By ring and number: a hold may be out of a ring that is no more. */
  readonly #epochs = new Map<string, Promise<OpenEpoch>>();
  readonly #ends = new Map<string, { startMs: number; endMs: number }>();
  /** Segments that did not prove themselves, and were left out. */
  damaged = 0;

  constructor(
    private readonly source: Source,
    private readonly unseal: Unseal,
  ) {}

  /** Forget every key. */
  forget(): void {
    this.#epochs.clear();
    this.#ends.clear();
  }

  /**
   * The segments of the span, in the order of recording; private ones are not opened, and have no fragment.
   * Throws `Refusal`, `CutOff`, `Locked`; a damaged segment is left out.
   */
  async *segments(span: Span, signal: AbortSignal): AsyncGenerator<OpenedSegment> {
    const query = new URLSearchParams({ from_ms: String(Math.floor(span.fromMs)), to_ms: String(Math.ceil(span.toMs)) });
    if (span.everyS) query.set("every_s", String(span.everyS));
    const knows = this.#knows(span);
    // Both at once: the keys are there when the first segment is.
    const told = knows ? Promise.resolve() : this.#learn(query, signal);
    told.catch(() => {});
    const { reader } = await stream(`${this.source}/segments?${query}`, signal);
    try {
      for await (const sealed of segmentsOf(reader)) {
        await told;
        const epoch = await this.#epochOf(sealed.header, query, signal);
        if (epoch === null || sealed.header.private) continue;
        const opened = await epoch.open(sealed).catch(leftOut);
        if (opened) yield opened;
        else this.damaged += 1;
      }
    } finally {
      await reader.cancel().catch(() => {});
    }
  }

  #knows({ fromMs, toMs, everyS }: Span): boolean {
    if (everyS) return false;
    let reachedMs = fromMs;
    for (const { startMs, endMs } of [...this.#ends.values()].sort((one, other) => one.startMs - other.startMs))
      if (startMs <= reachedMs) reachedMs = Math.max(reachedMs, endMs);
    return reachedMs >= toMs;
  }

  async #learn(query: URLSearchParams, signal: AbortSignal): Promise<void> {
    const told = await ask<EpochAnswer[]>(`${this.source}/epochs?${query}`, signal);
    for (const epoch of told) {
      const name = nameOf(ringIdOf(fromBase64(epoch.bound_to)), epoch.epoch);
      if (this.#epochs.has(name)) continue;
      const opened = OpenEpoch.open(epoch, this.unseal);
      opened.catch(() => this.#epochs.delete(name));
      this.#epochs.set(name, opened);
      this.#ends.set(name, { startMs: epoch.start_ms, endMs: epoch.end_ms });
    }
    for (const oldest of [...this.#epochs.keys()].slice(0, -Math.max(MOST_EPOCHS, told.length))) {
      this.#epochs.delete(oldest);
      this.#ends.delete(oldest);
    }
  }

  /** Null for one that cannot be opened: sealed to another owner, or damaged. */
  async #epochOf({ ringId, epoch }: SegmentHeader, query: URLSearchParams, signal: AbortSignal): Promise<OpenEpoch | null> {
    const name = nameOf(ringId, epoch);
    if (!this.#epochs.has(name)) await this.#learn(query, signal);
    return (await this.#epochs.get(name)?.catch(leftOut)) ?? null;
  }
}

const nameOf = (ringId: Bytes, epoch: number): string => `${hex(ringId)} ${epoch}`;

function leftOut(error: unknown): null {
  if (error instanceof Damaged) return null;
  throw error;
}
