// What there is of the past: the whole of it at a glance, and exactly where somebody looks.
import { ask } from "../../camera/http";
import { Watched } from "../../camera/watched";
import { ERASED, type Piece } from "../../opening/stretches";
import type { Range } from "./timescale";

const DAY_MS = 86_400_000;
const LONGEST_MS = 398 * DAY_MS;
/** Times up to this long are looked at exactly: the camera reads each header of them. */
const EXACT_MS = 6 * 3_600_000;
const PATIENCE_MS = 60_000;

interface Covered {
  start_ms: number;
  end_ms: number;
  private: boolean;
  /** Only a hold has it still: what is around it was erased when its time was over. */
  held: boolean;
}

/** A hold keeps footage of a time beyond its own. */
export interface Hold {
  readonly hold_id: string;
  readonly from_ms: number;
  readonly to_ms: number;
  readonly reason: string;
}

export class Past {
  /** Oldest first; what is not exact knows no cause of a gap. */
  readonly pieces = new Watched<readonly Piece[]>([]);
  #coarse: readonly Covered[] = [];
  #exact: { range: Range; pieces: readonly Piece[] }[] = [];

  /** Ask again for all of it. Throws `Refusal`. */
  async look(nowMs: number): Promise<void> {
    this.#coarse = await ask<Covered[]>(`/api/ring/overview?${query({ fromMs: Math.max(0, nowMs - LONGEST_MS), toMs: nowMs + DAY_MS })}`, AbortSignal.timeout(PATIENCE_MS));
    this.#show();
  }

  /** Ask exactly what there is in `range`; too long a one is left as it is. Throws `Refusal`. */
  async lookAt(range: Range): Promise<void> {
    if (range.toMs - range.fromMs > EXACT_MS || range.toMs <= range.fromMs) return;
    const pieces = await ask<Piece[]>(`/api/recordings?${query(range)}`, AbortSignal.timeout(PATIENCE_MS));
    this.#exact = [...this.#exact.filter((known) => !covers(range, known.range)).slice(-7), { range, pieces }];
    this.#show();
  }

  get oldestMs(): number | undefined {
    return this.pieces.value[0]?.start_ms;
  }

  #show(): void {
    const whole = withGaps(this.#coarse);
    this.pieces.set(this.#exact.reduce((pieces, { range, pieces: exact }) => spliced(pieces, exact, range), whole));
  }
}

/** `pieces` with `exact` instead of what they tell of `range`. */
export function spliced(pieces: readonly Piece[], exact: readonly Piece[], range: Range): Piece[] {
  // The newest footage is younger than what was looked at.
  const range_ = { fromMs: range.fromMs, toMs: Math.min(range.toMs, exact.at(-1)?.end_ms ?? range.toMs) };
  const before = pieces.flatMap((piece) => clipped(piece, -Infinity, range_.fromMs));
  const after = pieces.flatMap((piece) => clipped(piece, range_.toMs, Infinity));
  return [...before, ...exact.flatMap((piece) => clipped(piece, range_.fromMs, range_.toMs)), ...after];
}

function clipped(piece: Piece, fromMs: number, toMs: number): Piece[] {
  const [start_ms, end_ms] = [Math.max(piece.start_ms, fromMs), Math.min(piece.end_ms, toMs)];
  return end_ms > start_ms ? [{ ...piece, start_ms, end_ms }] : [];
}

/** What is covered, with the gaps between. */
export function withGaps(covered: readonly Covered[]): Piece[] {
  const found: Piece[] = [];
  let wasHeld = false;
  for (const { start_ms, end_ms, private: isPrivate, held } of covered) {
    const last = found.at(-1);
    if (last && start_ms - last.end_ms > (wasHeld ? 1500 : 15_000))
      found.push({ start_ms: last.end_ms, end_ms: start_ms, private: false, gap_cause: wasHeld ? ERASED : "" });
    found.push({ start_ms, end_ms, private: isPrivate, gap_cause: null });
    wasHeld = held;
  }
  return found;
}

const covers = (outer: Range, inner: Range): boolean => outer.fromMs <= inner.fromMs && outer.toMs >= inner.toMs;
const query = ({ fromMs, toMs }: Range): string => `from_ms=${Math.floor(fromMs)}&to_ms=${Math.ceil(toMs)}`;
