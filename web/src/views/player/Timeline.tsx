// The whole retention on one strip: what was recorded, what was private, gaps, events and holds; zoom, move, scrub.
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { Happening } from "../../camera/answers";
import { visitor } from "../../camera/signedin";
import { drawMark } from "../../pieces/mark";
import type { Thumbnail } from "../../opening/filmstrip";
import type { Piece } from "../../opening/stretches";
import { clockTime, dayAndTime, say, stamp } from "../../words/words";
import { bars, kindOf } from "./bars";
import type { Hold } from "./past";
import { containing, lengthOf, panned, type Range, ticks, zoomed } from "./timescale";
import { dayWord, gapWords } from "./wording";

const COLUMNS = 900;
const DAY_MS = 86_400_000;
const TAP_PX = 6;
/** Per cent of the strip, at either end, in which a time would be cut off. */
const EDGE = 5;
/** Fewer times have room here. */
const NARROW_PX = 520;

export interface TimelineProps {
  range: Range;
  limits: Range;
  pieces: readonly Piece[];
  events: readonly Pick<Happening, "event_id" | "start_ms">[];
  holds: readonly Hold[];
  /** What the player shows; null while it shows nothing. */
  momentMs: number | null;
  thumbnails: readonly Thumbnail[];
  onRange: (range: Range) => void;
  onPlay: (ms: number) => void;
  /** Somebody looks for a moment with a pointer: pictures would help. */
  onScrub: () => void;
}

/** A slider over time: pointer and arrow keys move its cursor; a click, or Enter, plays. */
export function Timeline({ range, limits, pieces, events, holds, momentMs, thumbnails, onRange, onPlay, onScrub }: TimelineProps) {
  /** Where the cursor was put; null while it follows the player, or the present. */
  const [chosenMs, setChosenMs] = useState<number | null>(null);
  const root = useRef<HTMLDivElement>(null);
  const fingers = useRef(new Map<number, { x: number; startX: number }>());
  const length = lengthOf(range);
  const across = (ms: number) => ((ms - range.fromMs) / length) * 100;
  const within = (ms: number) => Math.min(limits.toMs, Math.max(limits.fromMs, ms));
  const ms = within(chosenMs ?? momentMs ?? limits.toMs);
  const what = chosenMs === null && momentMs === null ? say("now") : told(pieces, ms);
  const drawn = useMemo(() => bars(pieces, range, COLUMNS), [pieces, range.fromMs, range.toMs]);
  const marks = ticks(range, innerWidth < NARROW_PX ? 5 : 7);

  function msAt(clientX: number): number {
    const box = root.current!.getBoundingClientRect();
    return range.fromMs + Math.min(1, Math.max(0, (clientX - box.left) / box.width)) * length;
  }

  /** From now on the cursor follows the player. */
  function played(wanted: number): void {
    setChosenMs(null);
    onPlay(wanted);
  }

  function choose(wanted: number): void {
    setChosenMs(within(wanted));
    onRange(containing(range, within(wanted), limits));
  }

  function zoom(factor: number, anchorMs: number): void {
    onRange(zoomed(range, factor, anchorMs, limits));
  }

  useEffect(() => {
    const strip = root.current!;
    // A wheel that zooms must not scroll the page too: only a listener that is not passive may say so.
    const wheel = (event: WheelEvent) => {
      event.preventDefault();
      if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) onRange(panned(range, ((event.deltaX || event.deltaY) / strip.clientWidth) * length, limits));
      else zoom(Math.exp(Math.max(-1, Math.min(1, event.deltaY / 300))), msAt(event.clientX));
    };
    strip.addEventListener("wheel", wheel, { passive: false });
    return () => strip.removeEventListener("wheel", wheel);
  });

  function down(event: PointerEvent): void {
    if (event.button !== 0) return;
    root.current!.setPointerCapture(event.pointerId);
    fingers.current.set(event.pointerId, { x: event.clientX, startX: event.clientX });
    onScrub();
    if (fingers.current.size === 1) setChosenMs(within(msAt(event.clientX)));
  }

  function move(event: PointerEvent): void {
    const own = fingers.current.get(event.pointerId);
    if (!own) {
      if (event.pointerType === "mouse") {
        onScrub();
        setChosenMs(within(msAt(event.clientX)));
      }
      return;
    }
    const other = [...fingers.current].find(([id]) => id !== event.pointerId)?.[1];
    if (other) {
      const before = Math.abs(own.x - other.x);
      const after = Math.abs(event.clientX - other.x);
      if (before > 10 && after > 10) zoom(before / after, msAt((event.clientX + other.x) / 2));
    } else setChosenMs(within(msAt(event.clientX)));
    own.x = event.clientX;
  }

  function up(event: PointerEvent): void {
    const own = fingers.current.get(event.pointerId);
    const alone = fingers.current.size === 1;
    fingers.current.delete(event.pointerId);
    if (own && alone && event.type === "pointerup") played(within(msAt(event.clientX)));
    if (own && Math.abs(own.startX - event.clientX) < TAP_PX) root.current!.focus({ preventScroll: true });
  }

  function key(event: KeyboardEvent): void {
    const step = event.shiftKey ? 1000 : length / 100;
    const answers: Record<string, () => unknown> = {
      ArrowLeft: () => choose(ms - step),
      ArrowRight: () => choose(ms + step),
      PageUp: () => choose(ms + length / 4),
      PageDown: () => choose(ms - length / 4),
      Home: () => choose(limits.fromMs),
      End: () => choose(limits.toMs),
      "+": () => zoom(0.5, ms),
      "=": () => zoom(0.5, ms),
      "-": () => zoom(2, ms),
      Enter: () => played(ms),
    };
    const answer = answers[event.key];
    if (!answer || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    event.stopPropagation();
    answer();
  }

  const shown = thumbnail(thumbnails, ms, length);
  const left = across(ms);
  return (
    <>
      <div
        id="timeline"
        class="timeline long"
        ref={root}
        role="slider"
        tabIndex={0}
        aria-describedby="timeline-hint"
        aria-label={say("timeline")}
        aria-valuemin={Math.round(limits.fromMs / 1000)}
        aria-valuemax={Math.round(limits.toMs / 1000)}
        aria-valuenow={Math.round(ms / 1000)}
        aria-valuetext={say("timeline_value", { time: dayAndTime(ms), what })}
        onPointerDown={down}
        onPointerMove={move}
        onPointerUp={up}
        onPointerCancel={up}
        onPointerLeave={() => fingers.current.size === 0 && setChosenMs(null)}
        onKeyDown={key}
        onBlur={() => setChosenMs(null)}
      >
        <div class="strip" id="strip">
          {drawn.map((bar) => (
            <div key={`${bar.kind}${bar.left}`} class={bar.kind} style={{ left: `${bar.left}%`, width: `${bar.width}%` }} />
          ))}
        </div>
        <div class="holds" id="hold-marks">
          {holds
            .filter((hold) => hold.to_ms > range.fromMs && hold.from_ms < range.toMs)
            .map((hold) => {
              const from = Math.max(0, across(hold.from_ms));
              return <div key={hold.hold_id} title={hold.reason} style={{ left: `${from}%`, width: `${Math.max(0.4, Math.min(100, across(hold.to_ms)) - from)}%` }} />;
            })}
        </div>
        <div class="ticks" id="ticks">
          {events
            .filter((event) => event.start_ms >= range.fromMs && event.start_ms <= range.toMs)
            .map((event) => (
              <div key={event.event_id} style={{ left: `${across(event.start_ms)}%` }} />
            ))}
        </div>
        {momentMs !== null && momentMs >= range.fromMs && momentMs <= range.toMs && <div class="playhead" style={{ left: `${across(momentMs)}%` }} />}
        {left >= 0 && left <= 100 && (
          <div class="cursor" id="cursor" style={{ left: `${left}%`, "--across": String(Math.round(left)) }}>
            <div class="cursor-label">
              {chosenMs !== null && shown && <ThumbnailPicture shown={shown} />}
              <output id="cursor-time">{`${length > DAY_MS ? dayAndTime(ms) : stamp(ms).slice(11)} · ${what}`}</output>
            </div>
          </div>
        )}
      </div>
      <div class="scale marks" aria-hidden="true">
        {marks.at.filter((at) => across(at) > EDGE && across(at) < 100 - EDGE).map((at) => (
          <span key={at} style={{ left: `${across(at)}%` }}>
            {marks.stepMs >= DAY_MS || new Date(at).getHours() + new Date(at).getMinutes() === 0 ? dayWord(at) : clockTime(at)}
          </span>
        ))}
      </div>
    </>
  );
}

function ThumbnailPicture({ shown }: { shown: Thumbnail }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const context = canvas.current?.getContext("2d");
    if (!canvas.current || !context) return;
    Object.assign(canvas.current, { width: shown.picture.width, height: shown.picture.height });
    context.drawImage(shown.picture, 0, 0);
    drawMark(context, visitor.value?.name ?? "", 0.75);
  }, [shown]);
  return <canvas class="thumbnail" ref={canvas} role="img" aria-label={say("thumbnail_label", { time: dayAndTime(shown.ms) })} />;
}

/** The picture that is nearest to `ms`, if one is near. */
function thumbnail(known: readonly Thumbnail[], ms: number, length: number): Thumbnail | null {
  let nearest: Thumbnail | null = null;
  for (const candidate of known) if (!nearest || Math.abs(candidate.ms - ms) < Math.abs(nearest.ms - ms)) nearest = candidate;
  return nearest && Math.abs(nearest.ms - ms) < length / 12 ? nearest : null;
}

/** What stands at `ms`, in words. */
function told(pieces: readonly Piece[], ms: number): string {
  const here = pieces.find((piece) => piece.start_ms <= ms && ms < piece.end_ms);
  if (!here) return say("no_footage");
  if (here.gap_cause === null) return say(`legend_${kindOf(here)}`);
  return gapWords(here.gap_cause);
}
