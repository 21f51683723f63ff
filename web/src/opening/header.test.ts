import { expect, test } from "vitest";
import { crc32, Damaged, fromBase64 } from "./bytes";
import { HEADER_SIZE, readHeader } from "./header";
import { vectors } from "./vectors";

const whole = () => fromBase64(vectors.segments[1]!.header);

test("a header that the camera wrote is read", () => {
  const header = readHeader(whole());
  expect(header).toMatchObject({ epoch: 7, index: 1, sequence: 4201, private: false, gapCause: 0, frameCount: 15 });
  expect(Number(header.startWallNs) / 1e6).toBe(vectors.segments[1]!.start_ms);
  expect(header.payloadSize).toBe(fromBase64(vectors.segments[1]!.sealed).length);
});

test("private times and causes of gaps are told", () => {
  const headers = vectors.segments.map(({ header }) => readHeader(fromBase64(header)));
  expect(headers.map((header) => header.private)).toEqual(vectors.segments.map((segment) => segment.private));
  expect(headers.map((header) => header.gapCause)).toEqual(vectors.segments.map((segment) => segment.gap_cause));
});

test("the checksum is zlib's", () => {
  expect(crc32(new TextEncoder().encode("123456789"))).toBe(0xcbf43926);
});

test("one flipped bit anywhere is no header", () => {
  for (let at = 0; at < HEADER_SIZE; at++) {
    const hurt = whole();
    hurt[at]! ^= 1 << at % 8;
    expect(() => readHeader(hurt), `byte ${at}`).toThrow(Damaged);
  }
});

test("any bytes are refused", () => {
  for (const size of [0, 7, 8, 511, 513]) expect(() => readHeader(new Uint8Array(size))).toThrow(Damaged);
  for (let n = 0; n < 200; n++) expect(() => readHeader(crypto.getRandomValues(new Uint8Array(512)))).toThrow(Damaged);
});
