// The fallback: footage that the camera itself opened, taken apart into the same segments that a browser opens.
import { stream } from "../../camera/http";
import { readFragment, readInit, walk } from "../../opening/boxes";
import { type Bytes, Damaged, joined, viewOf } from "../../opening/bytes";
import type { OpenedSegment } from "../../opening/epoch";
import type { Span } from "../../opening/opening";
import { CutOff } from "../../opening/records";

const NS_PER_MS = 1_000_000n;
const LARGEST_BOX = 64 * 1024 * 1024;

/** What the camera opened of `span`. Throws `Refusal` (NotAllowed: it is locked), `CutOff`. */
export async function* openedOnCamera(span: Span, signal: AbortSignal): AsyncGenerator<OpenedSegment> {
  const { headers, reader } = await stream(`/api/footage.mp4?from_ms=${Math.floor(span.fromMs)}&to_ms=${Math.ceil(span.toMs)}`, signal);
  const beganMs = Number(headers.get("X-Start-Ms"));
  let beginning: Bytes = new Uint8Array(0);
  let epoch: OpenedSegment["epoch"] | null = null;
  let moof: Bytes | null = null;
  let nextMs = -Infinity;
  try {
    for await (const { kind, bytes } of boxesOf(reader)) {
      if (kind === "ftyp" || kind === "moov") beginning = joined(beginning, bytes);
      else if (kind === "moof") moof = bytes;
      else if (kind === "mdat" && moof) {
        epoch ??= { init: beginning, facts: readInit(beginning) } as OpenedSegment["epoch"];
        const fragment = joined(moof, bytes);
        moof = null;
        const facts = readFragment(fragment, epoch.facts);
        const startMs = beganMs + (facts.decodeTime / epoch.facts.timescale) * 1000;
        if (startMs < nextMs) continue;
        if (span.everyS) nextMs = Math.max(nextMs, startMs) + span.everyS * 1000 - 1;
        yield { header: headerOf(startMs), fragment, epoch, startMs, durationMs: (facts.duration / epoch.facts.timescale) * 1000, signed: null };
      }
    }
  } finally {
    await reader.cancel().catch(() => {});
  }
}

/** As much of a header as playing needs; the camera checked the rest. */
function headerOf(startMs: number): OpenedSegment["header"] {
  const startNs = BigInt(Math.round(startMs * 1000)) * (NS_PER_MS / 1000n);
  return { bootId: new Uint8Array(16), startWallNs: startNs, startMonoNs: startNs } as OpenedSegment["header"];
}

async function* boxesOf(reader: ReadableStreamDefaultReader<Uint8Array>): AsyncGenerator<{ kind: string; bytes: Bytes }> {
  let held: Bytes = new Uint8Array(0);
  for (;;) {
    while (held.length < 8 || held.length < viewOf(held).getUint32(0)) {
      if (held.length >= 8 && (viewOf(held).getUint32(0) < 8 || viewOf(held).getUint32(0) > LARGEST_BOX)) throw new Damaged("an impossible box");
      const { done, value } = await reader.read();
      if (done && held.length === 0) return;
      if (done) throw new CutOff("the stream ended in the middle of a box");
      held = joined(held, value);
    }
    const size = viewOf(held).getUint32(0);
    const bytes = held.slice(0, size);
    held = held.slice(size);
    yield { kind: walk(bytes)[0]!.kind, bytes };
  }
}
