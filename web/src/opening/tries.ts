// How fast passphrases may be tried in this browser: slower after each wrong one. The camera has no part in it.
const FREE = 2;
const LONGEST_WAIT_S = 300;

/** No wait after the first two wrong tries in a row, then 2, 4, 8 … 300 s. */
export class Tries {
  private wrongInARow = 0;
  private openMs = 0;

  /** Whole seconds until the next try may be made; 0 when it may be made now. */
  waitS(nowMs: number): number {
    return Math.max(0, Math.ceil((this.openMs - nowMs) / 1000));
  }

  wrong(nowMs: number): void {
    this.wrongInARow += 1;
    const wait = this.wrongInARow <= FREE ? 0 : Math.min(LONGEST_WAIT_S, 2 ** Math.min(this.wrongInARow - FREE, 16));
    this.openMs = nowMs + wait * 1000;
  }

  right(): void {
    this.wrongInARow = 0;
    this.openMs = 0;
  }
}
