// The pieces of a day, opened as they come, put one behind the other and fed to the browser's own decoder.
import { readFragment, retimed } from "../opening/boxes";
import { keyring } from "../opening/identity";
import { MediaBuffer } from "../opening/mediabuffer";
import { Opener } from "../opening/opening";
import { type Film, NO_FILM } from "./film";
import { readRecord } from "./record";
import type { Stretch } from "./spans";

/**
 * Feed `video` the day's pieces as they come; `grown` hears how the film stands.
 * Throws `Refusal`, `Locked`, `NoDecoder`.
 */
export async function screen(video: HTMLVideoElement, day: Stretch, signal: AbortSignal, grown: (film: Film) => void): Promise<void> {
  const opener = new Opener("/api/album/digest", (sealed) => keyring.unseal(sealed));
  let buffer: MediaBuffer | null = null;
  let begun: Uint8Array | null = null;
  let film = NO_FILM;
  const seen = new Set<string>();
  signal.addEventListener("abort", () => buffer?.close(), { once: true });
  for await (const { fragment, epoch } of opener.segments(day, signal)) {
    const piece = readRecord(fragment);
    if (piece.form !== "piece" || seen.has(piece.pieceId) || piece.toMs < day.fromMs || piece.fromMs >= day.toMs) continue;
    seen.add(piece.pieceId);
    buffer ??= await MediaBuffer.open(video);
    if (signal.aborted) return buffer.close();
    if (!begun || !same(begun, epoch.init)) await buffer.begin(epoch.init, epoch.facts.codec);
    begun = epoch.init;
    const facts = readFragment(piece.fragment, epoch.facts);
    const decodeTime = Math.round(film.lengthS * epoch.facts.timescale);
    await buffer.append(retimed(piece.fragment, facts, seen.size, decodeTime));
    const placed = { piece, atS: decodeTime / epoch.facts.timescale };
    film = { pieces: [...film.pieces, placed], lengthS: film.lengthS + facts.duration / epoch.facts.timescale, whole: false };
    grown(film);
  }
  grown({ ...film, whole: true });
}

function same(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, at) => byte === other[at]);
}
