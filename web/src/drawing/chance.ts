// Chance that comes out the same each time: for tests that draw thousands of drawings.
import type { Point } from "./outline";

/** Numbers from 0 to 1 (mulberry32). */
export function chance(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export const anyPoint = (next: () => number): Point => [next(), next()];
export const oneOf = <T>(next: () => number, values: readonly T[]): T => values[Math.floor(next() * values.length)] as T;
