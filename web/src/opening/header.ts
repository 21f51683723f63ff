// A segment's header, 512 bytes, as docs/design/ring-format.md has it.
import { type Bytes, crc32, Damaged, viewOf } from "./bytes";

export const HEADER_SIZE = 512;
export const SALT_SIZE = 16;
export const TAG_SIZE = 16;
/** No camera makes a segment as large as this; one that claims it is damaged. */
export const MOST_PAYLOAD_SIZE = 64 * 1024 * 1024;
const MAGIC = "edgecamS";
const VERSION = 1;
const SEALED_WITH = 208;
const SIGNED = 240;
const SIGNATURE_END = 304;

/** All that is told of one segment in the clear; times are nanoseconds, wall time since 1970. */
export interface SegmentHeader {
  readonly epoch: number;
  readonly index: number;
  readonly sequence: number;
  readonly private: boolean;
  readonly trust: number;
  readonly gapCause: number;
  readonly frameCount: number;
  readonly startWallNs: bigint;
  readonly startMonoNs: bigint;
  readonly durationNs: bigint;
  readonly gapNs: bigint;
  readonly payloadSize: number;
  readonly bootId: Bytes;
  readonly ringId: Bytes;
  readonly previousHash: Bytes;
  readonly contentHash: Bytes;
  readonly sealedHash: Bytes;
  readonly signature: Bytes;
  /** What the ciphertext is bound to: its associated data. */
  readonly sealedWith: Bytes;
  readonly signed: Bytes;
}

/** The header that `bytes` is; throws `Damaged` for anything else. */
export function readHeader(bytes: Bytes): SegmentHeader {
  const view = viewOf(bytes);
  const magic = String.fromCharCode(...bytes.subarray(0, MAGIC.length));
  if (bytes.length !== HEADER_SIZE || magic !== MAGIC) throw new Damaged("this is no segment");
  if (view.getUint32(HEADER_SIZE - 4, true) !== crc32(bytes.subarray(0, HEADER_SIZE - 4)))
    throw new Damaged("a segment's header has a wrong checksum");
  const flags = view.getUint16(10, true);
  const payloadSize = view.getUint32(72, true);
  const reserved = view.getUint32(76, true) !== 0 || bytes.subarray(SIGNATURE_END, HEADER_SIZE - 4).some((byte) => byte !== 0);
  if (view.getUint16(8, true) !== VERSION || flags > 1 || reserved)
    throw new Damaged("a segment's header is of another version");
  if (payloadSize < SALT_SIZE + TAG_SIZE || payloadSize > MOST_PAYLOAD_SIZE)
    throw new Damaged("a segment's header states an impossible size");
  return {
    epoch: whole(view.getBigUint64(16, true)),
    index: view.getUint32(24, true),
    sequence: whole(view.getBigUint64(32, true)),
    private: flags === 1,
    trust: view.getUint16(12, true),
    gapCause: view.getUint16(14, true),
    frameCount: view.getUint32(28, true),
    startWallNs: view.getBigInt64(40, true),
    startMonoNs: view.getBigUint64(48, true),
    durationNs: view.getBigUint64(56, true),
    gapNs: view.getBigUint64(64, true),
    payloadSize,
    bootId: bytes.slice(80, 96),
    ringId: bytes.slice(96, 112),
    previousHash: bytes.slice(144, 176),
    contentHash: bytes.slice(176, 208),
    sealedHash: bytes.slice(208, 240),
    signature: bytes.slice(SIGNED, SIGNATURE_END),
    sealedWith: bytes.slice(0, SEALED_WITH),
    signed: bytes.slice(0, SIGNED),
  };
}

/** A 64-bit number that JavaScript holds exactly. */
export function whole(number: bigint): number {
  if (number > BigInt(Number.MAX_SAFE_INTEGER)) throw new Damaged("a number is out of reach");
  return Number(number);
}
