// Small pictures along the timeline: one frame of one segment in each step, decoded here, where the browser can.
import { keyframe, readFragment } from "./boxes";
import type { OpenedSegment } from "./epoch";
import type { Opener } from "./opening";

/** So many for the whole of what the timeline shows; each takes a segment from the camera. */
export const MOST_PICTURES = 24;
const WIDTH = 192;

export interface Thumbnail {
  readonly ms: number;
  readonly picture: ImageBitmap;
}

export const canDecode = (): boolean => "VideoDecoder" in globalThis;

/** Pictures between two moments, oldest first, as they come. Throws as `Opener.segments`. */
export async function* filmstrip(opener: Opener, fromMs: number, toMs: number, signal: AbortSignal): AsyncGenerator<Thumbnail> {
  const everyS = Math.max(1, Math.min(86_400, Math.ceil((toMs - fromMs) / MOST_PICTURES / 1000)));
  for await (const opened of opener.segments({ fromMs, toMs, everyS }, signal)) {
    const picture = await decoded(opened).catch(() => null);
    if (picture) yield { ms: opened.startMs, picture };
  }
}

async function decoded({ epoch, fragment }: OpenedSegment): Promise<ImageBitmap | null> {
  const data = keyframe(fragment, readFragment(fragment, epoch.facts));
  let frame: VideoFrame | undefined;
  const decoder = new VideoDecoder({
    output: (came) => {
      frame?.close();
      frame = came;
    },
    error: () => {},
  });
  try {
    decoder.configure({ codec: epoch.facts.codec, description: epoch.facts.decoder, optimizeForLatency: true });
    decoder.decode(new EncodedVideoChunk({ type: "key", timestamp: 0, data }));
    await decoder.flush();
    if (!frame) return null;
    return await createImageBitmap(frame, { resizeWidth: WIDTH, resizeQuality: "medium" });
  } finally {
    frame?.close();
    if (decoder.state !== "closed") decoder.close();
  }
}
