import { expect, test } from "vitest";
import { Damaged } from "./bytes";
import { CutOff, segmentsOf } from "./records";
import { framed, inPieces, vectors } from "./vectors";

async function sequences(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<number[]> {
  const found: number[] = [];
  for await (const { header, payload } of segmentsOf(reader)) {
    expect(payload.length).toBe(header.payloadSize);
    found.push(header.sequence);
  }
  return found;
}

test.each([1, 511, 512, 4096, 1 << 20])("segments are found however the stream is cut (%i bytes)", async (size) => {
  expect(await sequences(inPieces(framed(), size))).toEqual(vectors.segments.map((_, index) => 4200 + index));
});

test("an end in the middle is told, never taken for the end", async () => {
  for (const left of [1, 300, 512, 513, 2000]) {
    await expect(sequences(inPieces(framed().slice(0, left), 100)), `${left} bytes`).rejects.toThrow(CutOff);
  }
});

test("nothing at all is no segment", async () => {
  expect(await sequences(inPieces(new Uint8Array(0), 1))).toEqual([]);
});

test("what is no segment is refused", async () => {
  await expect(sequences(inPieces(new Uint8Array(5000), 512))).rejects.toThrow(Damaged);
});
