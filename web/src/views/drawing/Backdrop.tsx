// The picture that is drawn on: masked for everybody, unmasked or as it will be recorded inside an installer session.
import { useEffect, useRef, useState } from "preact/hooks";
import { picture, pictureOf } from "../../camera/http";
import { watchLive } from "../../camera/live";
import { Refusal } from "../../camera/refusal";
import { status } from "../../camera/told";
import type { Drawing } from "../../drawing/maskdrawing";
import type { Viewport } from "../../drawing/viewport";
import { drawMark } from "../../pieces/mark";
import { say, stamp } from "../../words/words";

const EVERY_MS = 200;
const AGAIN_MS = 1500;

/** "masked" is what everybody sees; "unmasked" and "recorded" are of an installer session. */
export type Sort = "masked" | "unmasked" | "recorded";

interface BackdropProps {
  sort: Sort;
  view: Viewport;
  viewer: string;
  /** What "recorded" is burnt with. */
  drawing: Drawing | null;
  /** The picture's width over its height, as soon as one came. */
  onAspect: (aspect: number) => void;
}

interface Shown {
  bitmap: ImageBitmap;
  mark: string;
}

export function Backdrop({ sort, view, viewer, drawing, onAspect }: BackdropProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const shown = useRef<Shown | null>(null);
  const asked = useRef(drawing);
  const seen = useRef(view);
  const [missing, setMissing] = useState("live_waiting");
  asked.current = drawing;
  seen.current = view;

  useEffect(() => {
    if (canvas.current && shown.current) draw(canvas.current, shown.current, view);
  }, [view]);

  useEffect(() => {
    const ends = new AbortController();
    async function show(jpeg: Blob, capturedMs: number, word: string) {
      const bitmap = await createImageBitmap(jpeg);
      if (ends.signal.aborted || !canvas.current) return bitmap.close();
      shown.current?.bitmap.close();
      shown.current = { bitmap, mark: [word, viewer, stamp(capturedMs)].filter(Boolean).join(" · ") };
      onAspect(bitmap.width / bitmap.height);
      draw(canvas.current, shown.current, seen.current);
      setMissing("");
    }
    if (sort === "masked")
      void watchLive(ends.signal, (part) => show(part.jpeg, part.capturedMs, part.isPrivate ? say("live_private") : ""), setMissing);
    else
      void follow(ends.signal, setMissing, async () => {
        const { jpeg, capturedMs } =
          sort === "unmasked" || !asked.current
            ? await picture("/api/unmasked.jpg")
            : await pictureOf("/api/masks/preview.jpg", { drawing: asked.current });
        await show(jpeg, capturedMs, say(sort === "unmasked" ? "unmasked" : "as_recorded"));
      });
    return () => {
      ends.abort();
      // Nothing of the unmasked picture stays behind.
      shown.current?.bitmap.close();
      shown.current = null;
      canvas.current?.getContext("2d")?.clearRect(0, 0, canvas.current.width, canvas.current.height);
    };
  }, [sort, viewer]);

  return (
    <>
      <canvas class="draw-canvas" ref={canvas} role="img" aria-label={say(`backdrop.${sort}`)} />
      {missing && <p class="missing">{say(missing)}</p>}
    </>
  );
}

function draw(canvas: HTMLCanvasElement, { bitmap, mark }: Shown, view: Viewport): void {
  const sharpness = devicePixelRatio;
  const [width, height] = [Math.max(1, Math.round(view.width * sharpness)), Math.max(1, Math.round(view.height * sharpness))];
  if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
  const context = canvas.getContext("2d");
  if (!context) return;
  context.imageSmoothingQuality = "high";
  const [w, h] = [bitmap.width / view.zoom, bitmap.height / view.zoom];
  context.drawImage(bitmap, view.x * bitmap.width, view.y * bitmap.height, w, h, 0, 0, width, height);
  // In the pixels that are seen, however close one looks.
  drawMark(context, mark, sharpness);
}

async function follow(signal: AbortSignal, absent: (word: string) => void, renew: () => Promise<void>): Promise<void> {
  while (!signal.aborted) {
    let waitMs = EVERY_MS;
    try {
      if (!document.hidden) await renew();
    } catch (error) {
      if (signal.aborted) return;
      if (error instanceof Refusal && error.kind === "NotAllowed") return void status.renew();
      absent("live_none");
      waitMs = AGAIN_MS;
    }
    await new Promise((again) => setTimeout(again, waitMs));
  }
}
