// What a segment of the album holds, as docs/design/album.md has it: the picture of an event, or a piece of the digest.
import { type Bytes, Damaged, viewOf } from "../opening/bytes";

/** Left, top, right, bottom as shares 0-1. */
export type Part = readonly [number, number, number, number];

/** A masked picture of an event; `part` is what it shows of the scene, `box` where in it the thing is. */
export interface Thumbnail {
  readonly form: "thumbnail";
  readonly eventId: string;
  readonly atMs: number;
  readonly part: Part;
  readonly box: Part | null;
  readonly better: boolean;
  readonly jpeg: Bytes;
}

/** One movement as a short film; `fragment` plays after its epoch's init. */
export interface Piece {
  readonly form: "piece";
  readonly pieceId: string;
  readonly fromMs: number;
  readonly toMs: number;
  readonly kinds: readonly string[];
  readonly zones: readonly string[];
  readonly events: readonly string[];
  readonly durationMs: number;
  readonly fragment: Bytes;
}

const MAGIC = "edgecamA";
const HEAD_AT = 16;
const LONGEST_HEAD = 1 << 15;
const VERSION = 1;
const THUMBNAIL = 1;
const PIECE = 2;

/** The record that `data` is. Throws `Damaged` for anything else. */
export function readRecord(data: Bytes): Thumbnail | Piece {
  if (data.length < HEAD_AT || String.fromCharCode(...data.subarray(0, 8)) !== MAGIC) throw new Damaged("this is no picture of the album");
  const view = viewOf(data);
  const size = view.getUint32(12, true);
  if (view.getUint16(8, true) !== VERSION || size > LONGEST_HEAD || HEAD_AT + size > data.length)
    throw new Damaged("a picture of the album is of another version");
  const head = headOf(data.subarray(HEAD_AT, HEAD_AT + size));
  const body = data.slice(HEAD_AT + size);
  const form = view.getUint16(10, true);
  if (form === THUMBNAIL)
    return {
      form: "thumbnail",
      eventId: text(head["event_id"]),
      atMs: count(head["at_ms"]),
      part: part(head["part"]),
      box: head["box"] === null ? null : part(head["box"]),
      better: head["better"] === true,
      jpeg: body,
    };
  if (form !== PIECE) throw new Damaged("a picture of the album is of no known form");
  return {
    form: "piece",
    pieceId: text(head["piece_id"]),
    fromMs: count(head["from_ms"]),
    toMs: count(head["to_ms"]),
    kinds: texts(head["kinds"]),
    zones: texts(head["zones"]),
    events: texts(head["events"]),
    durationMs: count(head["duration_ms"]),
    fragment: body,
  };
}

function headOf(bytes: Uint8Array): Record<string, unknown> {
  let head: unknown;
  try {
    head = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    throw new Damaged("what a picture of the album says of itself cannot be read");
  }
  if (typeof head !== "object" || head === null || Array.isArray(head)) throw wrong();
  return head as Record<string, unknown>;
}

function text(value: unknown): string {
  if (typeof value !== "string") throw wrong();
  return value;
}

function texts(value: unknown): string[] {
  if (!Array.isArray(value)) throw wrong();
  return value.map(text);
}

function count(value: unknown): number {
  if (typeof value !== "number" || !Number.isSafeInteger(value) || value < 0) throw wrong();
  return value;
}

function part(value: unknown): Part {
  if (!Array.isArray(value) || value.length !== 4) throw wrong();
  const corners = value as unknown[];
  if (!corners.every((corner) => typeof corner === "number" && corner >= 0 && corner <= 1)) throw wrong();
  return corners as unknown as Part;
}

const wrong = (): Damaged => new Damaged("what a picture of the album says of itself is impossible");
