// Where the camera looks: the picture before any mask, for the owner alone and for a quarter of an hour.
import { useEffect, useRef, useState } from "preact/hooks";
import { picture, tell } from "../camera/http";
import { Refusal, sentence } from "../camera/refusal";
import { status } from "../camera/told";
import { useWatched } from "../camera/watched";
import { Button } from "../pieces/Button";
import { Field } from "../pieces/Field";
import { Form, type Given } from "../pieces/Form";
import { drawPicture } from "../pieces/mark";
import { Notice } from "../pieces/Notice";
import { number, say, stamp } from "../words/words";
import { Page } from "./Page";
import { Focus, sharpness } from "./sharpness";
import { deriveSecret, endSight, keptSecret, note, OWNER, setup, showNext } from "./told";

const MINUTES = 15;
const EVERY_MS = 200;
const AGAIN_MS = 1500;
/** Sharpness is judged in the middle, in so many pixels a side. */
const JUDGED = 240;

export function AimStep() {
  const session = useWatched(status).answer?.installer ?? null;
  const mine = session?.place === "installer";
  async function right() {
    // Who still has to draw what is to be hidden draws it on this same view.
    if (setup.value?.steps?.masks === "done") await endSight();
    await note("aim");
    showNext("aim");
  }
  return (
    <Page step="aim" later={say("setup.later")} {...(mine ? { go: say("setup.aim_right"), onGo: () => void right() } : {})}>
      {setup.value?.drawn && <Notice id="setup-no-camera" kind="grave">{say("setup.no_camera")}</Notice>}
      <Trouble />
      {mine ? <Sight /> : <Look taken={session !== null} />}
    </Page>
  );
}

/** What keeps the camera from filming, in its own words where the page has none. */
function Trouble() {
  const faults = useWatched(status).answer?.faults ?? [];
  const told = faults.filter((fault) => ["source_lost", "encoder", "clock", "recorder_silent"].includes(fault.code));
  return (
    <>
      {told.map((fault) => (
        <Notice key={fault.code} kind="grave">
          {fault.sentence}
        </Notice>
      ))}
    </>
  );
}

function Look({ taken }: { taken: boolean }) {
  const kept = keptSecret() !== "";
  async function look(given: Given) {
    const secret = kept ? keptSecret() : await deriveSecret(given["passphrase"] ?? "");
    if (taken) await tell("/api/installer/end");
    const opened = await tell<{ code: string }>("/api/installer/open", { opened_for: OWNER, why: "aim", minutes: MINUTES, secret });
    await tell("/api/installer/enter", { code: opened.code });
    await status.renew();
  }
  return (
    <>
      <p>{say("setup.aim_text")}</p>
      <Form id="setup-look-form" go={say("setup.look")} wrong={say("wrong_passphrase")} onGive={look}>
        {!kept && <Field id="setup-look-passphrase" name="passphrase" label={say("passphrase")} type="password" autocomplete="current-password" required maxLength={1024} />}
        <p class="aside">{say("setup.aim_register")}</p>
      </Form>
    </>
  );
}

function Sight() {
  const figure = useRef<HTMLElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const [missing, setMissing] = useState(say("live_waiting"));
  const [grid, setGrid] = useState(true);
  const [focus, setFocus] = useState({ figure: 0, share: 0 });
  useEffect(() => {
    const looks = new AbortController();
    const judge = new Focus();
    const loop = async () => {
      while (!looks.signal.aborted) {
        let waitMs = EVERY_MS;
        try {
          if (!document.hidden) {
            const { jpeg, capturedMs } = await picture("/api/unmasked.jpg");
            const bitmap = await createImageBitmap(jpeg);
            if (canvas.current && figure.current && !looks.signal.aborted)
              drawPicture(canvas.current, figure.current, bitmap, `${say("unmasked")} · ${OWNER} · ${stamp(capturedMs)}`);
            setFocus(judge.add(judged(bitmap)));
            bitmap.close();
            setMissing("");
          }
        } catch (error) {
          if (error instanceof Refusal && error.kind === "NotAllowed") void status.renew();
          setMissing(sentence(error));
          waitMs = AGAIN_MS;
        }
        await new Promise((again) => setTimeout(again, waitMs));
      }
    };
    void loop();
    const drawn = canvas.current;
    return () => {
      looks.abort();
      drawn?.getContext("2d")?.clearRect(0, 0, drawn.width, drawn.height);
    };
  }, []);
  const share = Math.round(focus.share * 100);
  return (
    <>
      <figure class={missing ? "picture without" : "picture"} id="setup-sight" ref={figure}>
        <canvas ref={canvas} role="img" width={640} height={360} aria-label={say("sight_label")} />
        {grid && (
          <svg class="setup-grid" viewBox="0 0 300 200" preserveAspectRatio="none" aria-hidden="true">
            <path d="M100 0v200M200 0v200M0 66.7h300M0 133.3h300" />
            <path class="horizon" d="M0 100h300" />
          </svg>
        )}
        <p class="missing" role="status">
          {missing}
        </p>
      </figure>
      <div class="setup-meter" data-level={share > 92 ? "strong" : share > 70 ? "good" : "fair"}>
        <div class="setup-aside">
          <span id="setup-focus">{say("setup.focus", { n: number(focus.figure, { maximumFractionDigits: 0 }), share })}</span>
          <Button pressed={grid} onPress={() => setGrid(!grid)}>
            {say("setup.grid")}
          </Button>
        </div>
        <svg viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true">
          <rect class="track" width="100" height="6" rx="3" />
          <rect class="fill" width={share} height="6" rx="3" />
        </svg>
        <p class="hint">{say("setup.focus_hint")}</p>
      </div>
    </>
  );
}

let small: OffscreenCanvas | undefined;

/** The sharpness in the middle of `bitmap`. */
function judged(bitmap: ImageBitmap): number {
  const [width, height] = [Math.min(JUDGED, bitmap.width), Math.min(JUDGED, bitmap.height)];
  small ??= new OffscreenCanvas(JUDGED, JUDGED);
  const context = small.getContext("2d", { willReadFrequently: true });
  if (!context) return 0;
  context.drawImage(bitmap, (bitmap.width - width) / 2, (bitmap.height - height) / 2, width, height, 0, 0, width, height);
  const pixels = context.getImageData(0, 0, width, height).data;
  context.clearRect(0, 0, width, height);
  return sharpness(pixels, width, height);
}
