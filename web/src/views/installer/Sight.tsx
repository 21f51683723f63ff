// The unmasked picture, for the installer alone, with the outlines of what is masked drawn over it.
import { useEffect, useRef, useState } from "preact/hooks";
import type { Outline, Outlines } from "../../camera/answers";
import { ask, picture } from "../../camera/http";
import { Refusal } from "../../camera/refusal";
import { status } from "../../camera/told";
import { useWatched } from "../../camera/watched";
import { Button } from "../../pieces/Button";
import { drawPicture } from "../../pieces/mark";
import { Sheet } from "../../pieces/Sheet";
import { say, stamp } from "../../words/words";
import { asksForAim } from "../masks/figures";
import { endSession } from "./Banner";
import { askForAim, looking } from "./sheets";

const EVERY_MS = 200;
const AGAIN_MS = 1500;
const OUTLINES_MS = 2000;

/** Looks for as long as it is in the page; each picture is asked for, and nothing of it is kept. */
export function Sight({ viewer }: { viewer: string }) {
  const figure = useRef<HTMLElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const [missing, setMissing] = useState("live_waiting");
  const [outlines, setOutlines] = useState<Outlines>({ in_force: [], coming: [] });
  const aim = useWatched(status).answer?.aim ?? null;
  const leave = () => looking.set(false);

  useEffect(() => {
    const looks = new AbortController();
    const over = () => {
      leave();
      void status.renew();
    };
    const away = () => setMissing("live_none");
    async function renew() {
      const { jpeg, capturedMs } = await picture("/api/unmasked.jpg");
      const bitmap = await createImageBitmap(jpeg);
      if (!looks.signal.aborted && canvas.current && figure.current)
        drawPicture(canvas.current, figure.current, bitmap, `${say("unmasked")} · ${viewer} · ${stamp(capturedMs)}`);
      bitmap.close();
      setMissing("");
    }
    const renewOutlines = async () => setOutlines(await ask<Outlines>("/api/installer/outlines"));
    void follow(looks.signal, EVERY_MS, renew, over, away);
    void follow(looks.signal, OUTLINES_MS, renewOutlines, over, away);
    const drawn = canvas.current;
    return () => {
      looks.abort();
      drawn?.getContext("2d")?.clearRect(0, 0, drawn.width, drawn.height);
    };
  }, [viewer]);

  return (
    <Sheet id="sight" wide title={say("sight_title")} head={<Button id="sight-close" onPress={leave}>{say("close")}</Button>} onClose={leave}>
      <figure id="sight-picture" class={missing ? "picture without" : "picture"} ref={figure}>
        <canvas id="sight-canvas" ref={canvas} role="img" width={640} height={360} aria-label={say("sight_label")} />
        <svg id="sight-outlines" viewBox="0 0 1 1" preserveAspectRatio="none" aria-hidden="true">
          {outlines.in_force.map((told) => drawn(told, "in-force"))}
          {outlines.coming.map((told) => drawn(told, "coming"))}
        </svg>
        <p id="sight-missing" class="missing" role="status">
          {missing && say(missing)}
        </p>
      </figure>
      <ul class="legend">
        <li>
          <i class="swatch in-force" />
          <span>{say("outline_in_force")}</span>
        </li>
        <li>
          <i class="swatch coming" />
          <span>{say("outline_coming")}</span>
        </li>
      </ul>
      <div class="actions spread">
        <Button id="sight-end" onPress={() => void endSession()}>
          {say("session_end")}
        </Button>
        {asksForAim(aim) && (
          <Button id="sight-confirm" kind="main" onPress={askForAim}>
            {say("confirm_open")}
          </Button>
        )}
      </div>
      <p class="aside">{say("sight_text")}</p>
    </Sheet>
  );
}

function drawn(told: Outline, when: string) {
  const points = (told.points as number[][]).map(([x, y]) => `${x},${y}`).join(" ");
  return <polygon key={when + points} points={points} class={told.reason === "own" ? `${when} own` : when} />;
}

/** Call `renew` again and again; `over` when it is not allowed any more, `away` after any other failure. */
async function follow(
  signal: AbortSignal,
  everyMs: number,
  renew: () => Promise<void>,
  over: () => void,
  away: () => void,
): Promise<void> {
  while (!signal.aborted) {
    let waitMs = everyMs;
    try {
      if (!document.hidden) await renew();
    } catch (error) {
      if (signal.aborted) return;
      if (error instanceof Refusal && error.kind === "NotAllowed") return over();
      away();
      waitMs = AGAIN_MS;
    }
    await new Promise((again) => setTimeout(again, waitMs));
  }
}
