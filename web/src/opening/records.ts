// A stream of framed segments, cut into records as it comes; no more than one of them is held.
import { type Bytes, joined } from "./bytes";
import { HEADER_SIZE, readHeader, type SegmentHeader } from "./header";

/** One segment as it lies on the medium. */
export interface SealedSegment {
  readonly header: SegmentHeader;
  readonly payload: Bytes;
}

/** The camera ended the stream in the middle of a segment: what came of that one is not shown. */
export class CutOff extends Error {
  override name = "CutOff";
}

/** The segments that `reader` brings, in order. Throws `Damaged` for what is no segment, `CutOff`. */
export async function* segmentsOf(reader: ReadableStreamDefaultReader<Uint8Array>): AsyncGenerator<SealedSegment> {
  const held = new Held(reader);
  for (;;) {
    const head = await held.take(HEADER_SIZE);
    if (head === null) return;
    const header = readHeader(head);
    const payload = await held.take(header.payloadSize);
    if (payload === null) throw new CutOff("a segment has no body");
    yield { header, payload };
  }
}

class Held {
  private pieces: Uint8Array[] = [];
  private size = 0;

  constructor(private readonly reader: ReadableStreamDefaultReader<Uint8Array>) {}

  /** Exactly `size` bytes, or null where the stream ends before the first of them. */
  async take(size: number): Promise<Bytes | null> {
    while (this.size < size) {
      const { done, value } = await this.reader.read();
      if (done) {
        if (this.size === 0) return null;
        throw new CutOff("the stream ended in the middle of a segment");
      }
      this.pieces.push(value);
      this.size += value.length;
    }
    const whole = joined(...this.pieces);
    this.pieces = whole.length > size ? [whole.subarray(size)] : [];
    this.size = whole.length - size;
    return whole.slice(0, size);
  }
}
