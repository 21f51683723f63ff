// Looking through an obscured copy, frame by frame, before it may leave: who is covered, and who was missed.
import { useEffect, useState } from "preact/hooks";
import { tell } from "../../../camera/http";
import { sentence } from "../../../camera/refusal";
import { Button } from "../../../pieces/Button";
import { Field } from "../../../pieces/Field";
import { Form } from "../../../pieces/Form";
import { number, say } from "../../../words/words";
import type { Case } from "../answers";
import { type Box, boxesOf, keepBoxes } from "./boxes";
import { FrameView } from "./FrameView";
import { OpeningPassphrase, opensIn } from "./OpeningPassphrase";
import { disclosures, type Job, pathOf, type Track } from "./told";

const STEP_MS = 60;

export function Review({ job, one }: { job: Job; one: Case }) {
  const [at, setAt] = useState(1);
  const [playing, setPlaying] = useState(false);
  const [turned, setTurned] = useState<ReadonlySet<number>>(new Set());
  const [boxes, setBoxes] = useState(boxesOf(job.case_id));
  const [changed, setChanged] = useState(false);
  const [busy, setBusy] = useState(false);
  const [refused, setRefused] = useState("");
  const [shownAt, setShownAt] = useState(0);
  useEffect(() => {
    if (!playing || shownAt !== at) return;
    if (at >= job.frames) return setPlaying(false);
    const next = setTimeout(() => setAt(at + 1), STEP_MS);
    return () => clearTimeout(next);
  }, [playing, shownAt, at]);

  const isCovered = (track: Track) => track.filled !== turned.has(track.number);
  const pending = turned.size > 0 || changed;
  const allSeen = job.frames_seen >= job.frames;

  function change(next: readonly Box[]) {
    setBoxes(next);
    setChanged(true);
  }

  async function cover() {
    setBusy(true);
    setPlaying(false);
    const of = (covered: boolean) => job.tracks.filter((track) => isCovered(track) === covered).map((track) => track.number);
    try {
      await tell(pathOf(job.case_id, "/decide"), { keep: of(false), fill: of(true), boxes });
      keepBoxes(job.case_id, boxes);
      setRefused("");
      await disclosures.renewAfter();
    } catch (error) {
      setRefused(sentence(error));
    } finally {
      setBusy(false);
    }
  }

  return (
    <div class="review">
      <p>{say("review.text")}</p>
      <FrameView src={pathOf(job.case_id, `/frames/${at}.jpg`)} label={say("review.frame", { n: at, of: job.frames })} onShown={() => setShownAt(at)} onBox={(corners) => change([...boxes, [at, Math.min(job.frames, at + 10), ...corners]])} />
      <div class="review-controls">
        <Button id="review-back" label={say("frame_back")} disabled={at <= 1} onPress={() => setAt(at - 1)}>
          ‹
        </Button>
        <Button id="review-play" kind="main" onPress={() => setPlaying(!playing)}>
          {say(playing ? "pause" : "play")}
        </Button>
        <Button id="review-on" label={say("frame_on")} disabled={at >= job.frames} onPress={() => setAt(at + 1)}>
          ›
        </Button>
        <span class="hint" id="review-seen" role="status">
          {say("review.seen", { seen: number(job.frames_seen), of: number(job.frames) })}
        </span>
      </div>
      <input class="review-strip" type="range" min={1} max={job.frames} value={at} aria-label={say("review.which")} onInput={(event) => setAt(Number(event.currentTarget.value))} />
      <Strip job={job} at={at} isCovered={isCovered} />
      <h3>{say("review.who")}</h3>
      {job.tracks.length === 0 && <p class="hint">{say("review.nobody")}</p>}
      <ul class="tracks">
        {job.tracks.map((track) => (
          <li key={track.number}>
            <button type="button" class="track" aria-pressed={isCovered(track)} onClick={() => setTurned(toggled(turned, track.number))}>
              <img src={pathOf(job.case_id, `/tracks/${track.number}.jpg`)} alt="" loading="lazy" />
              <span>
                <strong>{say(isCovered(track) ? "review.covered" : "review.visible")}</strong>
                <small>{say("review.track", { n: track.number, from: track.first_frame, to: track.last_frame })}</small>
              </span>
            </button>
            <Button label={say("review.go_to", { n: track.number })} onPress={() => setAt(track.first_frame)}>
              {say("review.look")}
            </Button>
          </li>
        ))}
      </ul>
      <Boxes boxes={boxes} frames={job.frames} at={at} onChange={change} />
      {refused && (
        <p class="refusal" role="alert">
          {refused}
        </p>
      )}
      {pending && (
        <div class="actions">
          <Button id="review-cover" kind="main" busy={busy} onPress={() => void cover()}>
            {say("review.cover")}
          </Button>
        </div>
      )}
      {!allSeen && !pending && <p id="review-not-all" class="told">{say("review.not_all")}</p>}
      {allSeen && !pending && (
        <Form id="release-form" go={say("review.release")} going={say("decide.granting")} wrong={say("wrong_passphrase")} onGive={(given) => release(one, given)}>
          <p class="hint">{say("review.all_seen")}</p>
          <OpeningPassphrase />
        </Form>
      )}
    </div>
  );
}

/** Where in the copy each of them is, and where the reader is. */
function Strip({ job, at, isCovered }: { job: Job; at: number; isCovered: (track: Track) => boolean }) {
  const rows = Math.max(1, job.tracks.length);
  return (
    <svg class="track-strip" viewBox={`0 0 ${job.frames} ${rows * 4}`} preserveAspectRatio="none" aria-hidden="true">
      {job.tracks.map((track, row) => (
        <rect key={track.number} class={isCovered(track) ? "covered" : "visible"} x={track.first_frame - 1} y={row * 4 + 0.5} width={Math.max(1, track.last_frame - track.first_frame + 1)} height={3} />
      ))}
      <rect class="at" x={at - 1} y={0} width={Math.max(0.5, job.frames / 300)} height={rows * 4} />
    </svg>
  );
}

/** What the search missed: boxes over some frames, drawn in the picture or over all of it. */
function Boxes({ boxes, frames, at, onChange }: { boxes: readonly Box[]; frames: number; at: number; onChange: (boxes: readonly Box[]) => void }) {
  const turn = (index: number, place: 0 | 1, frame: number) => onChange(boxes.map((box, each) => (each === index ? (box.map((side, which) => (which === place ? frame : side)) as unknown as Box) : box)));
  return (
    <details>
      <summary>{say("review.missed")}</summary>
      <p class="hint">{say("review.missed_text")}</p>
      <ul class="lines">
        {boxes.map((box, index) => (
          <li key={index} class="missed">
            <Field name={`first${index}`} label={say("review.from_frame")} type="number" min={1} max={frames} value={box[0]} onInput={(event) => turn(index, 0, Number(event.currentTarget.value))} />
            <Field name={`last${index}`} label={say("review.to_frame")} type="number" min={1} max={frames} value={box[1]} onInput={(event) => turn(index, 1, Number(event.currentTarget.value))} />
            <Button onPress={() => onChange(boxes.filter((_, each) => each !== index))}>{say("review.remove")}</Button>
          </li>
        ))}
      </ul>
      <Button
        id="review-whole"
        onPress={() => {
          const picture = document.querySelector<HTMLImageElement>(".review-frame img");
          if (picture) onChange([...boxes, [at, at, 0, 0, picture.naturalWidth, picture.naturalHeight]]);
        }}
      >
        {say("review.whole")}
      </Button>
    </details>
  );
}

async function release(one: Case, given: Readonly<Record<string, string>>): Promise<void> {
  await tell(pathOf(one.case_id, "/release"), opensIn(given));
  await disclosures.renewAfter();
}

function toggled(set: ReadonlySet<number>, member: number): ReadonlySet<number> {
  const next = new Set(set);
  if (!next.delete(member)) next.add(member);
  return next;
}
