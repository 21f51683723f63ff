// What lies in the player's buffer: which media time shows which moment, where it is unbroken, and where frames begin.

/** One segment in the buffer: media time in seconds, moments in Unix milliseconds. */
export interface Placed {
  readonly startS: number;
  readonly endS: number;
  readonly startMs: number;
  /** When each frame is shown, in order, as seconds of media time. */
  readonly frames: readonly number[];
}

/** Segments are apart when more than this lies between them; less is how clocks and frames are. */
export const UNBROKEN_S = 0.25;

/** The segments of one stream, in the order in which they play. */
export class Shelf {
  #placed: Placed[] = [];

  get first(): Placed | undefined {
    return this.#placed[0];
  }

  get last(): Placed | undefined {
    return this.#placed.at(-1);
  }

  put(placed: Placed): void {
    this.#placed.push(placed);
  }

  clear(): void {
    this.#placed = [];
  }

  /** Forget what ends before media time `beforeS`. */
  dropBefore(beforeS: number): void {
    const kept = this.#placed.findIndex((placed) => placed.endS > beforeS);
    this.#placed = kept < 0 ? [] : this.#placed.slice(kept);
  }

  /** The moment that media time `atS` shows; null where nothing lies. */
  momentAt(atS: number): number | null {
    const placed = this.#placed[this.#indexAt(atS)];
    return placed ? placed.startMs + Math.min(atS - placed.startS, placed.endS - placed.startS) * 1000 : null;
  }

  /** The media time that shows the moment `ms`; null where none does. */
  timeOf(ms: number): number | null {
    for (const placed of this.#placed) {
      const atS = placed.startS + (ms - placed.startMs) / 1000;
      if (atS >= placed.startS && atS < placed.endS) return atS;
    }
    return null;
  }

  /** Seconds of footage that lie ahead of `atS`, without the gaps between. */
  aheadS(atS: number): number {
    let ahead = 0;
    for (const placed of this.#placed) if (placed.endS > atS) ahead += placed.endS - Math.max(atS, placed.startS);
    return ahead;
  }

  /** What comes after the unbroken run around `atS`: where that run ends, and what is next; null while it is the last. */
  breakAfter(atS: number): { end: Placed; next: Placed } | null {
    let at = Math.max(0, this.#indexAt(atS));
    for (; at + 1 < this.#placed.length; at++) {
      const [end, next] = [this.#placed[at]!, this.#placed[at + 1]!];
      if (next.startS - end.endS > UNBROKEN_S) return { end, next };
    }
    return null;
  }

  /** The media time of the frame after (`by` 1) or before (-1) the one that is shown at `atS`; null where there is none. */
  frameBeside(atS: number, by: 1 | -1): number | null {
    const shown = this.#indexAt(atS);
    const near = this.#placed.slice(Math.max(0, shown - 1), shown + 2).flatMap((placed) => placed.frames);
    const current = near.filter((frame) => frame <= atS + 0.001).length - 1;
    return current < 0 ? null : (near[current + by] ?? null);
  }

  /** The last segment that begins at or before `atS`; -1 for none. */
  #indexAt(atS: number): number {
    let [low, high] = [0, this.#placed.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#placed[middle]!.startS <= atS + 1e-6) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }
}
