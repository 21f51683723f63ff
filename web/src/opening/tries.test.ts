import { expect, test } from "vitest";
import { Tries } from "./tries";

test("every wrong try makes the next one wait longer, up to five minutes", () => {
  const tries = new Tries();
  let nowMs = 1000;
  const waits = [...Array(12)].map(() => {
    tries.wrong(nowMs);
    const wait = tries.waitS(nowMs);
    nowMs += wait * 1000;
    expect(tries.waitS(nowMs)).toBe(0);
    return wait;
  });
  expect(waits).toEqual([0, 0, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300]);
});

test("a right one begins anew", () => {
  const tries = new Tries();
  for (let n = 0; n < 5; n++) tries.wrong(0);
  tries.right();
  expect(tries.waitS(0)).toBe(0);
});
