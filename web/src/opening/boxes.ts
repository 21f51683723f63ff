// ISO base media boxes (ISO/IEC 14496-12), just as far as moving a fragment in time and taking its first picture need.
// The same as edgecam/custody/evidence/boxes.py; tests/vectors/opening.json holds both to the same bytes.
import { type Bytes, Damaged, hex, joined, viewOf } from "./bytes";

const TFHD_BASE_DATA_OFFSET = 0x1;
const TFHD_DESCRIPTION = 0x2;
const TFHD_DURATION = 0x8;
const TFHD_SIZE = 0x10;
const TRUN_DATA_OFFSET = 0x1;
const TRUN_FIRST_FLAGS = 0x4;
const TRUN_DURATION = 0x100;
const TRUN_SIZE = 0x200;
const TRUN_FLAGS = 0x400;
const TRUN_COMPOSITION = 0x800;
const SYNC_SAMPLE = 0x02000000;
const MOOF_SIZE = 104;
const SEQUENCE_LIMIT = 2 ** 32;

/** One box in a buffer: it starts at `start`, its payload at `payload`, the next box at `end`. */
export interface Box {
  readonly kind: string;
  readonly start: number;
  readonly payload: number;
  readonly end: number;
}

/** What an init (ftyp + moov) says of its one track; `timescale` is in ticks per second. */
export interface InitFacts {
  readonly timescale: number;
  readonly track: number;
  readonly sampleDuration: number;
  readonly sampleSize: number;
  /** As MediaSource and WebCodecs name it: avc1.64001f. */
  readonly codec: string;
  /** The avcC box's payload, which a decoder begins with. */
  readonly decoder: Bytes;
}

/** One frame; `shownAfter` is from its decode time to when it is shown. Ticks and bytes. */
export interface Sample {
  readonly duration: number;
  readonly size: number;
  readonly shownAfter: number;
}

/** Where a fragment stands in time (ticks), and at which offsets that is written. */
export interface FragmentFacts {
  readonly sequenceAt: number;
  readonly sequence: number;
  readonly decodeTimeAt: number;
  readonly decodeTime: number;
  readonly duration: number;
  readonly samples: readonly Sample[];
  /** Where the first frame's bytes begin. */
  readonly dataAt: number;
}

/** The boxes that lie one after the other in `data`. Throws `Damaged`. */
export function walk(data: Uint8Array, start = 0, limit = data.length): Box[] {
  const found: Box[] = [];
  while (start < limit) {
    let size = u32(data, start, limit);
    let header = 8;
    const kind = String.fromCharCode(...data.subarray(start + 4, start + 8));
    if (size === 1) {
      size = u64(data, start + 8, limit);
      header = 16;
    }
    if (size < header || start + size > limit) throw new Damaged(`a box at byte ${start} has an impossible size`);
    found.push({ kind, start, payload: start + header, end: start + size });
    start += size;
  }
  return found;
}

/** The facts of an init with exactly one track of H.264. Throws `Damaged`. */
export function readInit(init: Bytes): InitFacts {
  const moov = only(init, "moov", 0, init.length);
  const mdhd = descend(init, moov, "trak", "mdia", "mdhd");
  const version = fullBox(init, mdhd).version;
  const timescale = u32(init, mdhd.payload + (version === 1 ? 20 : 12), mdhd.end);
  const trex = descend(init, moov, "mvex", "trex");
  if (version > 1 || timescale === 0) throw new Damaged("an init has no usable timescale");
  const stsd = descend(init, moov, "trak", "mdia", "minf", "stbl", "stsd");
  const avc1 = only(init, "avc1", stsd.payload + 8, stsd.end);
  const avcC = only(init, "avcC", avc1.payload + 78, avc1.end);
  const decoder = init.slice(avcC.payload, avcC.end);
  if (decoder.length < 7) throw new Damaged("an init describes no decoder");
  return {
    timescale,
    track: u32(init, trex.payload + 4, trex.end),
    sampleDuration: u32(init, trex.payload + 12, trex.end),
    sampleSize: u32(init, trex.payload + 16, trex.end),
    codec: `avc1.${hex(decoder.subarray(1, 4))}`,
    decoder,
  };
}

/** The facts of one fragment: exactly one moof with one track, and its mdat. Throws `Damaged`. */
export function readFragment(fragment: Bytes, init: InitFacts): FragmentFacts {
  const moof = only(fragment, "moof", 0, fragment.length);
  const mdat = only(fragment, "mdat", moof.end, fragment.length);
  const mfhd = only(fragment, "mfhd", moof.payload, moof.end);
  const traf = only(fragment, "traf", moof.payload, moof.end);
  const tfdt = only(fragment, "tfdt", traf.payload, traf.end);
  if (fullBox(fragment, tfdt).version !== 1) throw new Damaged("a fragment's decode time is not 64 bits wide");
  const defaults = defaultsOf(fragment, only(fragment, "tfhd", traf.payload, traf.end), init);
  const runs = walk(fragment, traf.payload, traf.end).filter((box) => box.kind === "trun");
  const samples = runs.flatMap((box) => run(fragment, box, defaults));
  if (samples.length === 0) throw new Damaged("a fragment holds no frame");
  const offset = dataOffset(fragment, runs[0]!);
  return {
    sequenceAt: mfhd.payload + 4,
    sequence: u32(fragment, mfhd.payload + 4, mfhd.end),
    decodeTimeAt: tfdt.payload + 4,
    decodeTime: u64(fragment, tfdt.payload + 4, tfdt.end),
    duration: samples.reduce((sum, sample) => sum + sample.duration, 0),
    samples,
    dataAt: offset === null ? mdat.payload : moof.start + offset,
  };
}

/** A copy of `fragment` that differs only in its mfhd sequence and its tfdt decode time. Throws `Damaged`. */
export function retimed(fragment: Bytes, facts: FragmentFacts, sequence: number, decodeTime: number): Bytes {
  if (!(sequence >= 0 && sequence < SEQUENCE_LIMIT && decodeTime >= 0 && Number.isSafeInteger(decodeTime)))
    throw new Damaged("a fragment's place in time does not fit its field");
  const copy = fragment.slice();
  viewOf(copy).setUint32(facts.sequenceAt, sequence);
  viewOf(copy).setBigUint64(facts.decodeTimeAt, BigInt(decodeTime));
  return copy;
}

/** The bytes of the fragment's first frame, which is one that needs no other. Throws `Damaged`. */
export function keyframe(fragment: Bytes, facts: FragmentFacts): Bytes {
  const end = facts.dataAt + facts.samples[0]!.size;
  if (facts.dataAt < 0 || end > fragment.length) throw new Damaged("a fragment's first frame lies outside of it");
  return fragment.slice(facts.dataAt, end);
}

/** A fragment of the first frame alone, shown for as long as the whole of it lasts (ticks). Throws `Damaged`. */
export function keyframeFragment(
  fragment: Bytes, facts: FragmentFacts, init: InitFacts, sequence: number, decodeTime: number, duration: number,
): Bytes {
  const picture = keyframe(fragment, facts);
  const head = new Uint8Array(MOOF_SIZE + 8);
  const view = viewOf(head);
  let at = 0;
  const word = (value: number) => (view.setUint32(at, value), (at += 4));
  const box = (size: number, kind: string) => {
    word(size);
    for (const letter of kind) head[at++] = letter.charCodeAt(0);
  };
  box(MOOF_SIZE, "moof");
  box(16, "mfhd");
  word(0);
  word(sequence);
  box(MOOF_SIZE - 24, "traf");
  box(16, "tfhd");
  word(0x020000); // offsets count from the moof
  word(init.track);
  box(20, "tfdt");
  word(0x01000000);
  view.setBigUint64(at, BigInt(decodeTime));
  at += 8;
  box(36, "trun");
  word(0x01000000 | TRUN_DATA_OFFSET | TRUN_DURATION | TRUN_SIZE | TRUN_FLAGS | TRUN_COMPOSITION);
  word(1);
  word(MOOF_SIZE + 8);
  word(duration);
  word(picture.length);
  word(SYNC_SAMPLE);
  word(facts.samples[0]!.shownAfter);
  box(picture.length + 8, "mdat");
  return joined(head, picture);
}

interface Defaults {
  readonly duration: number;
  readonly size: number;
}

function defaultsOf(data: Bytes, tfhd: Box, init: InitFacts): Defaults {
  const { flags } = fullBox(data, tfhd);
  if (u32(data, tfhd.payload + 4, tfhd.end) !== init.track || flags & TFHD_BASE_DATA_OFFSET)
    throw new Damaged("a fragment belongs to another track or to one place in one file");
  let at = tfhd.payload + 8 + (flags & TFHD_DESCRIPTION ? 4 : 0);
  let duration = init.sampleDuration;
  let size = init.sampleSize;
  if (flags & TFHD_DURATION) {
    duration = u32(data, at, tfhd.end);
    at += 4;
  }
  if (flags & TFHD_SIZE) size = u32(data, at, tfhd.end);
  return { duration, size };
}

function run(data: Bytes, trun: Box, defaults: Defaults): Sample[] {
  const { flags } = fullBox(data, trun);
  const count = u32(data, trun.payload + 4, trun.end);
  const each = [TRUN_DURATION, TRUN_SIZE, TRUN_FLAGS, TRUN_COMPOSITION].filter((flag) => flags & flag).length * 4;
  let at = trun.payload + 8 + (flags & TRUN_DATA_OFFSET ? 4 : 0) + (flags & TRUN_FIRST_FLAGS ? 4 : 0);
  if (at + count * each > trun.end || (each === 0 && count > 0xffff))
    throw new Damaged("a fragment counts more frames than it describes");
  const view = viewOf(data);
  return Array.from({ length: count }, () => {
    let field = at;
    const next = () => ((field += 4), view.getUint32(field - 4));
    at += each;
    const duration = flags & TRUN_DURATION ? next() : defaults.duration;
    const size = flags & TRUN_SIZE ? next() : defaults.size;
    if (flags & TRUN_FLAGS) next();
    const shownAfter = flags & TRUN_COMPOSITION ? next() | 0 : 0;
    return { duration, size, shownAfter };
  });
}

function dataOffset(data: Bytes, trun: Box): number | null {
  if (!(fullBox(data, trun).flags & TRUN_DATA_OFFSET)) return null;
  return u32(data, trun.payload + 8, trun.end) | 0;
}

function fullBox(data: Uint8Array, box: Box): { version: number; flags: number } {
  const word = u32(data, box.payload, box.end);
  return { version: word >>> 24, flags: word & 0xffffff };
}

function descend(data: Uint8Array, box: Box, ...kinds: string[]): Box {
  return kinds.reduce((within, kind) => only(data, kind, within.payload, within.end), box);
}

function only(data: Uint8Array, kind: string, start: number, end: number): Box {
  const found = walk(data, start, end).filter((box) => box.kind === kind);
  if (found.length !== 1) throw new Damaged(`${found.length} boxes ${kind} where one belongs`);
  return found[0]!;
}

function u32(data: Uint8Array, at: number, end: number): number {
  if (at + 4 > end || at < 0) throw new Damaged(`a box ends in the middle, at byte ${at}`);
  return viewOf(data).getUint32(at);
}

function u64(data: Uint8Array, at: number, end: number): number {
  const number = u32(data, at, end) * 2 ** 32 + u32(data, at + 4, end);
  if (!Number.isSafeInteger(number)) throw new Damaged("a number in a box is out of reach");
  return number;
}
