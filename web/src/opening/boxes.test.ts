import { expect, test } from "vitest";
import { type InitFacts, keyframe, keyframeFragment, readFragment, readInit, retimed, walk } from "./boxes";
import { Damaged, hex, joined, sha256 } from "./bytes";
import { readHeader } from "./header";
import { fromBase64 } from "./bytes";
import { Presentation } from "./presentation";
import { fragments, init, vectors } from "./vectors";

const facts = readInit(init);

test("init and fragments are read as the camera reads them", () => {
  expect(facts.timescale).toBe(90_000);
  expect(facts.codec).toMatch(/^avc1\.[0-9a-f]{6}$/);
  for (const told of vectors.segments) {
    const read = readFragment(fragments[told.fragment]!, facts);
    expect(read.samples.length).toBe(told.samples);
    expect(read.duration).toBe(told.duration);
  }
});

test("every segment gets the place, and the very bytes, that the camera's own export gives it", async () => {
  const presentation = new Presentation(facts.timescale, 0, true);
  for (const [index, told] of vectors.segments.entries()) {
    const fragment = fragments[told.fragment]!;
    const read = readFragment(fragment, facts);
    const place = presentation.place(readHeader(fromBase64(told.header)), read);
    expect(place).toBe(told.place);
    expect(hex(await sha256(retimed(fragment, read, index + 1, place)))).toBe(told.retimed_sha256);
  }
});

test("on the page a gap is as long as it was", () => {
  const presentation = new Presentation(facts.timescale, 1_000_000);
  const places = vectors.segments.map((told) =>
    presentation.place(readHeader(fromBase64(told.header)), readFragment(fragments[told.fragment]!, facts)),
  );
  expect(places).toEqual([0, 1, 2, 5.5, 65.5, 90.25].map((second) => 1_000_000 + second * 90_000));
});

test("the first frame alone is a fragment that lasts as long as the whole", () => {
  const read = readFragment(fragments[1]!, facts);
  const alone = keyframeFragment(fragments[1]!, read, facts, 5, 90_000, 90_000);
  const again = readFragment(alone, facts);
  expect(again).toMatchObject({ sequence: 5, decodeTime: 90_000, duration: 90_000 });
  expect(again.samples).toEqual([{ duration: 90_000, size: read.samples[0]!.size, shownAfter: read.samples[0]!.shownAfter }]);
  expect(keyframe(alone, again)).toEqual(keyframe(fragments[1]!, read));
});

test("a place that does not fit is refused", () => {
  const read = readFragment(fragments[0]!, facts);
  for (const [sequence, at] of [[2 ** 32, 0], [-1, 0], [0, -1], [0, 2 ** 53], [0, 0.5]] as const)
    expect(() => retimed(fragments[0]!, read, sequence, at)).toThrow(Damaged);
});

test("any bytes are boxes or damaged, never anything else", () => {
  const loose: InitFacts = { ...facts, track: 1 };
  const readers = [walk, readInit, (data: Uint8Array<ArrayBuffer>) => readFragment(data, loose)];
  const chance = (size: number) => crypto.getRandomValues(new Uint8Array(size));
  const hurt = (whole: Uint8Array<ArrayBuffer>) => {
    const copy = whole.slice();
    copy.set(chance(1 + Math.floor(Math.random() * 4)), Math.floor(Math.random() * (copy.length - 4)));
    return copy;
  };
  const tried = [...Array(300)].flatMap((_, n) => [chance(n), hurt(init), hurt(fragments[0]!), joined(chance(4), fragments[0]!)]);
  for (const data of tried)
    for (const read of readers) {
      try {
        read(data);
      } catch (error) {
        expect(error).toBeInstanceOf(Damaged);
      }
    }
});
