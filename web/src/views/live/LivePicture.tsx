// The live masked picture, drawn with the mark of viewer and time in its pixels, while the page is looked at.
import { useEffect, useRef, useState } from "preact/hooks";
import { watchLive, type LivePart } from "../../camera/live";
import { visitor } from "../../camera/signedin";
import { drawPicture } from "../../pieces/mark";
import { clockTime, say, stamp } from "../../words/words";

export function LivePicture() {
  const figure = useRef<HTMLElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const [missing, setMissing] = useState("live_waiting");
  const [minute, setMinute] = useState("");
  useEffect(() => {
    async function show(part: LivePart) {
      const bitmap = await createImageBitmap(part.jpeg);
      const words = [part.isPrivate ? say("live_private") : "", visitor.value?.name, stamp(part.capturedMs)];
      if (canvas.current && figure.current)
        drawPicture(canvas.current, figure.current, bitmap, words.filter(Boolean).join(" · "));
      bitmap.close();
      setMissing("");
      // Screen readers speak what changes, so the label names the minute alone.
      setMinute(clockTime(part.capturedMs));
    }
    return whileLookedAt((signal) => void watchLive(signal, show, setMissing));
  }, []);
  return (
    <figure id="live" class={missing ? "picture without" : "picture"} ref={figure}>
      <canvas id="live-canvas" ref={canvas} role="img" width={640} height={360} aria-label={say("live_label", { time: minute })} />
      {missing && (
        <figcaption id="live-missing" class="missing">
          {say(missing)}
        </figcaption>
      )}
    </figure>
  );
}

/** Run `watch` while the page is visible; gives the function that ends it for good. */
function whileLookedAt(watch: (signal: AbortSignal) => void): () => void {
  let watching: AbortController | null = null;
  function look() {
    if (document.hidden === (watching === null)) return;
    watching?.abort();
    watching = document.hidden ? null : new AbortController();
    if (watching) watch(watching.signal);
  }
  look();
  document.addEventListener("visibilitychange", look);
  return () => {
    document.removeEventListener("visibilitychange", look);
    watching?.abort();
  };
}
