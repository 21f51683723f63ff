// The picture of one event, with the mark of viewer and moment in its pixels; a drawn sign while there is none.
import { useEffect, useRef, useState } from "preact/hooks";
import { pictures } from "../../album/pictures";
import { visitor } from "../../camera/signedin";
import { useWatched } from "../../camera/watched";
import type { Happening } from "../../camera/answers";
import { drawMark } from "../../pieces/mark";
import { say, stamp } from "../../words/words";
import { shapeOf } from "./shapes";
import { kindWord } from "./wording";

const WIDTH = 640;

/** `large` for the one that is looked at. */
export function Picture({ event, large = false }: { event: Happening; large?: boolean }) {
  const picture = useWatched(pictures).get(event.event_id);
  const canvas = useRef<HTMLCanvasElement>(null);
  const [drawn, setDrawn] = useState(false);
  useEffect(() => {
    let wanted = true;
    setDrawn(false);
    if (picture)
      createImageBitmap(new Blob([picture.jpeg], { type: "image/jpeg" })).then(
        (bitmap) => {
          if (wanted && canvas.current) draw(canvas.current, bitmap, `${visitor.value?.name ?? ""} · ${stamp(picture.atMs)}`);
          bitmap.close();
          if (wanted) setDrawn(true);
        },
        () => {}, // what cannot be decoded keeps its sign
      );
    return () => {
      wanted = false;
    };
  }, [picture]);
  return (
    <span class={large ? "thumbnail large" : "thumbnail"}>
      <canvas ref={canvas} role="img" hidden={!drawn} aria-label={say("event_picture", { kind: kindWord(event) })} />
      {!drawn && (
        <svg viewBox="0 0 24 24" aria-hidden="true">
          <path d={shapeOf(event.kind)} />
        </svg>
      )}
    </span>
  );
}

function draw(canvas: HTMLCanvasElement, bitmap: ImageBitmap, mark: string): void {
  canvas.width = WIDTH;
  canvas.height = Math.round((WIDTH * bitmap.height) / bitmap.width);
  const context = canvas.getContext("2d");
  if (!context) return;
  context.imageSmoothingQuality = "high";
  context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  drawMark(context, mark, 1.2);
}
