// For tests: footage that the camera sealed, and what must come out; tests/custody/openingvectors.py makes the file.
import told from "../../../tests/vectors/opening.json";
import { type Bytes, fromBase64, joined } from "./bytes";
import type { EpochAnswer } from "./epoch";
import { type SealedSegment } from "./records";
import { readHeader } from "./header";
import { unsealed } from "./unsealing";

export const vectors = told;
export const epochAnswer: EpochAnswer = told.epoch;
export const init = fromBase64(told.random.init);
export const fragments = told.random.fragments.map(fromBase64);

/** Segment `number` as it came from the camera. */
export function sealed(number: number): SealedSegment {
  const { header, sealed } = told.segments[number]!;
  return { header: readHeader(fromBase64(header)), payload: fromBase64(sealed) };
}

/** The segments as one octet stream, as the camera frames them. */
export function framed(): Bytes {
  return joined(...told.segments.flatMap((segment) => [fromBase64(segment.header), fromBase64(segment.sealed)]));
}

/** Unseals with the owner's secret. */
export const unseal = (key: Bytes): Promise<CryptoKey> => unsealed([told.secret], key);

/** A reader of `bytes` in pieces of `size`. */
export function inPieces(bytes: Bytes, size: number): ReadableStreamDefaultReader<Uint8Array> {
  let at = 0;
  return new ReadableStream<Uint8Array>({
    pull(stream) {
      if (at >= bytes.length) return stream.close();
      stream.enqueue(bytes.slice(at, at + size));
      at += size;
    },
  }).getReader();
}
