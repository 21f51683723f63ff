// Where each segment stands on the time line of one stream; the same as edgecam/custody/evidence/presentation.py, but that a
// page may begin anywhere and leave gaps as long as they were.
import type { FragmentFacts } from "./boxes";
import type { SegmentHeader } from "./header";

const NS_PER_S = 1_000_000_000n;
const LONGEST_GAP_S = 5;
const SHORTENED_GAP_S = 1;
// Fragments of one recorder run agree with the boot clock to the tick; a new run starts at 0 again.
const SAME_RUN_WITHIN_NS = NS_PER_S / 4n;

type Times = Pick<SegmentHeader, "bootId" | "startMonoNs" | "startWallNs">;
type Length = Pick<FragmentFacts, "decodeTime" | "duration">;

/** Gives every segment of one stream its decode time, in ticks of `timescale` per second, from `at` on. */
export class Presentation {
  private last: { header: Times; facts: Length } | null = null;

  constructor(
    private readonly timescale: number,
    private at = 0,
    private readonly shortens = false,
  ) {}

  place(header: Times, facts: Length): number {
    if (this.last) this.at = this.after(this.last.header, this.last.facts, header, facts);
    this.last = { header, facts };
    return this.at;
  }

  private after(last: Times, lastFacts: Length, header: Times, facts: Length): number {
    const end = this.at + lastFacts.duration;
    const inRun = facts.decodeTime - lastFacts.decodeTime;
    const elapsed = this.ticks(elapsedNs(last, header));
    // The muxer guesses how long a fragment's last frame lasts; where the next one begins is exact.
    const sameRun = sameBoot(last, header) && inRun > 0 && Math.abs(inRun - elapsed) <= this.ticks(SAME_RUN_WITHIN_NS);
    const at = sameRun ? this.at + inRun : Math.max(end, this.at + elapsed);
    if (this.shortens && at - end > LONGEST_GAP_S * this.timescale) return end + SHORTENED_GAP_S * this.timescale;
    return at;
  }

  private ticks(durationNs: bigint): number {
    const halves = durationNs * BigInt(this.timescale) + NS_PER_S / 2n;
    const whole = halves / NS_PER_S;
    return Number(halves < 0n && whole * NS_PER_S !== halves ? whole - 1n : whole); // as Python's //
  }
}

/** From the start of one segment to the start of another: by the boot clock where one boot saw both. */
function elapsedNs(earlier: Times, later: Times): bigint {
  return sameBoot(earlier, later) ? later.startMonoNs - earlier.startMonoNs : later.startWallNs - earlier.startWallNs;
}

function sameBoot(one: Times, other: Times): boolean {
  return one.bootId.every((byte, at) => byte === other.bootId[at]);
}
