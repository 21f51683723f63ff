// The past: the whole retention on one strip, and any moment of it played back, opened in this browser.
import { useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import type { Happening } from "../camera/answers";
import { ask, tell } from "../camera/http";
import { Renewed } from "../camera/renewed";
import { happenings, status } from "../camera/told";
import { useWatched } from "../camera/watched";
import { Opener } from "../opening/opening";
import { canDecode, filmstrip, type Thumbnail } from "../opening/filmstrip";
import { keyring } from "../opening/identity";
import type { Rate } from "../opening/pace";
import { announce } from "../pieces/Announcer";
import { Button } from "../pieces/Button";
import { Card } from "../pieces/Card";
import { go, useRoute } from "../route";
import { say } from "../words/words";
import { AskToLook } from "./custody/AskToLook";
import { isPermitted, useLooksFreely, usePermitted } from "./custody/permitted";
import { canPlay } from "./player/abilities";
import { type Acts, Controls } from "./player/Controls";
import { actOf, isTaken } from "./player/keys";
import { openedOnCamera } from "./player/oncamera";
import { type Hold, Past } from "./player/past";
import "./player/player.css";
import { Screen } from "./player/Screen";
import { type KnownPast, Screening, type Screened } from "./player/screening";
import { Timeline } from "./player/Timeline";
import { containing, lengthOf, type Range, zoomed } from "./player/timescale";
import { Unlock } from "./player/Unlock";

const HOUR_MS = 3_600_000;
const OVERVIEW_MS = 10_000;
const EVENTS_MS = 15_000;
const HOLDS_MS = 60_000;
const BEFORE_EVENT_MS = 3000;
const NOTHING: Screened = { momentMs: null, playing: false, waiting: false, rate: 1, broken: null, ended: false, signed: null, failure: "", told: "" };

export default function Footage() {
  const nowMs = useWatched(status).answer?.now_ms ?? Date.now();
  const past = usePast();
  const pieces = useWatched(past.pieces);
  const [onCamera, setOnCamera] = useState(false);
  const isOpen = useWatched(keyring.open) || onCamera;
  const [asking, setAsking] = useState(false);
  const [chosenMs, setChosenMs] = useState<number | null>(null);
  const free = useLooksFreely();
  const { figure, video, screening, shown } = useScreening(usePermitted(past), isOpen, onCamera, () => setOnCamera(false));
  const limits: Range = { fromMs: Math.min(past.oldestMs ?? nowMs, nowMs - HOUR_MS), toMs: nowMs };
  const [range, setRange] = useRange(limits, nowMs);
  const events = useEvents(range, nowMs);
  const holds = useHolds();
  const { thumbnails, scrub } = useThumbnails(range, isOpen && !onCamera);
  const wanted = useRef<number | null>(null);
  const at = Number(useRoute().query.get("at")) || null;

  const play = useCallback(
    (ms: number) => {
      wanted.current = ms;
      if (!canPlay()) return;
      setChosenMs(ms);
      if (!isOpen) setAsking(free || isPermitted(ms));
      else if (screening) {
        wanted.current = null;
        void screening.seek(ms);
      }
    },
    [isOpen, screening, free],
  );

  // A link to a moment, from the list of events or from elsewhere.
  useEffect(() => {
    if (at === null) return;
    setRange((known) => containing(known, at, { fromMs: Math.min(limits.fromMs, at), toMs: limits.toMs }));
    if (pieces.length > 0) {
      go("/footage", {}, true);
      play(at);
    }
  }, [at, pieces.length > 0]);

  // Just unlocked: what was asked for before, else the newest minute.
  useEffect(() => {
    if (isOpen && screening && wanted.current !== null) play(wanted.current);
  }, [isOpen, screening]);

  const acts: Acts = {
    toggle: () => (shown.momentMs === null && !shown.waiting ? play(nowMs - 60_000) : screening?.toggle()),
    step: (by) => screening?.step(by),
    jump: (byMs) => shown.momentMs !== null && play(shown.momentMs + byMs),
    event: (by) => {
      const next = eventBeside(events, shown.momentMs ?? nowMs, by);
      if (next === null) return announce(say("event_none"));
      setRange((known) => containing(known, next, limits));
      play(next);
    },
    rate: (rate: Rate) => screening?.setRate(rate),
    fullScreen: () => void (document.fullscreenElement ? document.exitFullscreen() : figure.current?.requestFullscreen?.().catch(() => {})),
    lock: () => {
      keyring.lock();
      if (onCamera) void tell("/api/lock").catch(() => {});
      setOnCamera(false);
      announce(say("locked_again"));
    },
  };
  useKeys(acts, shown.rate, isOpen);

  return (
    <div class="footage">
      <section aria-label={say("player_label")}>
        <Screen figure={figure} video={video} shown={shown} onToggle={acts.toggle}>
          {!isOpen ? (
            <>
              {(free || !canPlay()) && <p>{say(canPlay() ? "player_locked" : "player_no_media")}</p>}
              {canPlay() && free && (
                <Button id="unlock-open" kind="main" onPress={() => setAsking(true)}>
                  {say("unlock")}
                </Button>
              )}
              {canPlay() && !free && (
                <AskToLook
                  wantedMs={chosenMs}
                  onUnlock={(fromMs) => {
                    wanted.current = fromMs;
                    setAsking(true);
                  }}
                />
              )}
            </>
          ) : shown.momentMs === null && !shown.waiting && !shown.failure && !shown.broken ? (
            <p>{say("player_choose")}</p>
          ) : null}
        </Screen>
        <Controls shown={shown} acts={acts} enabled={isOpen} />
        {isOpen && (
          <p class="aside" id="unlocked-notice">
            {say(onCamera ? "unlocked_on_camera" : "unlocked_notice")} {shown.signed === true && say("player_signed")}
          </p>
        )}
      </section>
      <Card
        title={say("timeline")}
        head={
          <div class="choices" role="group" aria-label={say("zoom")}>
            <button type="button" id="zoom-out" aria-label={say("zoom_out")} onClick={() => setRange(zoomed(range, 2, anchor(range, shown), limits))}>
              −
            </button>
            <button type="button" id="zoom-all" onClick={() => setRange(zoomed(range, lengthOf(limits) / lengthOf(range), limits.toMs, limits))}>
              {say("zoom_all")}
            </button>
            <button type="button" id="zoom-in" aria-label={say("zoom_in")} onClick={() => setRange(zoomed(range, 0.5, anchor(range, shown), limits))}>
              +
            </button>
          </div>
        }
      >
        <Timeline
          range={range}
          limits={limits}
          pieces={pieces}
          events={events}
          holds={holds}
          momentMs={shown.momentMs}
          thumbnails={thumbnails}
          onRange={setRange}
          onPlay={play}
          onScrub={scrub}
        />
        <ul class="legend">
          {["recorded", "private", "gap", "event", "hold"].map((kind) => (
            <li key={kind}>
              <i class={`swatch ${kind}`} />
              <span>{say(`legend_${kind}`)}</span>
            </li>
          ))}
        </ul>
        <p id="timeline-hint" class="hint wide-only">
          {say("timeline_hint")}
        </p>
      </Card>
      {asking && (
        <Unlock
          onOpen={(camera) => {
            setAsking(false);
            setOnCamera(camera);
            wanted.current ??= nowMs - 60_000;
          }}
          onClose={() => setAsking(false)}
        />
      )}
    </div>
  );
}

/** Where zooming by a button holds on to: the moment that is shown, else the newest end. */
function anchor(range: Range, { momentMs }: Screened): number {
  return momentMs !== null && momentMs > range.fromMs && momentMs < range.toMs ? momentMs : range.toMs;
}

function eventBeside(events: readonly Happening[], ms: number, by: 1 | -1): number | null {
  const starts = events.map((event) => event.start_ms - BEFORE_EVENT_MS).sort((one, other) => one - other);
  const found = by > 0 ? starts.find((start) => start > ms + 1000) : starts.reverse().find((start) => start < ms - 2000);
  return found ?? null;
}

function usePast(): Past {
  const past = useMemo(() => new Past(), []);
  useEffect(() => {
    const look = () => !document.hidden && past.look(status.value.answer?.now_ms ?? Date.now()).catch(() => {});
    void look();
    const timer = setInterval(look, OVERVIEW_MS);
    return () => clearInterval(timer);
  }, [past]);
  return past;
}

/** What is shown: the last day until somebody chooses; it moves with the present while its end is the present. */
function useRange(limits: Range, nowMs: number): [Range, (next: Range | ((known: Range) => Range)) => void] {
  const [chosen, setChosen] = useState<{ range: Range; setAtMs: number } | null>(null);
  const range = chosen?.range ?? { fromMs: Math.max(limits.fromMs, nowMs - 24 * HOUR_MS), toMs: nowMs };
  const follows = chosen !== null && chosen.range.toMs >= chosen.setAtMs - 1000;
  const shift = follows ? nowMs - chosen.range.toMs : 0;
  const shown = shift > 0 ? { fromMs: range.fromMs + shift, toMs: range.toMs + shift } : range;
  return [shown, (next) => setChosen({ range: typeof next === "function" ? next(shown) : next, setAtMs: nowMs })];
}

function useScreening(past: KnownPast, isOpen: boolean, onCamera: boolean, onLocked: () => void) {
  const figure = useRef<HTMLElement>(null);
  const video = useRef<HTMLVideoElement>(null);
  const [screening, setScreening] = useState<Screening | null>(null);
  const [shown, setShown] = useState(NOTHING);
  useEffect(() => {
    if (!isOpen || !video.current) return;
    const opener = new Opener("/api/ring", (sealed) => keyring.unseal(sealed));
    const begun = new Screening(
      video.current,
      past,
      onCamera ? openedOnCamera : (span, signal) => opener.segments(span, signal),
      () => status.value.answer?.now_ms ?? Date.now(),
    );
    const unsubscribe = begun.shown.subscribe(() => {
      setShown(begun.shown.value);
      if (onCamera && begun.shown.value.failure === "player_refused") onLocked();
    });
    setScreening(begun);
    return () => {
      unsubscribe();
      begun.close();
      opener.forget();
      setScreening(null);
      setShown(NOTHING);
    };
  }, [isOpen, onCamera]);
  return { figure, video, screening, shown };
}

function useEvents(range: Range, nowMs: number): readonly Happening[] {
  const newest = useWatched(happenings).answer ?? [];
  // Whole hours, so that a timeline that moves with the present asks the same again.
  const [fromMs, toMs] = [Math.floor(range.fromMs / HOUR_MS) * HOUR_MS, Math.ceil(Math.min(range.toMs, nowMs) / HOUR_MS) * HOUR_MS];
  const asked = useMemo(() => new Renewed<Happening[]>(() => ask(`/api/events?from_ms=${fromMs}&to_ms=${toMs}&limit=500`), EVENTS_MS), [fromMs, toMs]);
  const found = useWatched(asked).answer;
  return useMemo(() => {
    const known = new Map([...(found ?? []), ...newest].map((event) => [event.event_id, event]));
    return [...known.values()];
  }, [found, newest]);
}

function useHolds(): readonly Hold[] {
  const asked = useMemo(() => new Renewed<Hold[]>("/api/holds", HOLDS_MS), []);
  return useWatched(asked).answer ?? [];
}

/** Pictures along the timeline, fetched when somebody begins to look for a moment; each time is asked for once. */
function useThumbnails(range: Range, enabled: boolean): { thumbnails: readonly Thumbnail[]; scrub: () => void } {
  const [thumbnails, setThumbnails] = useState<readonly Thumbnail[]>([]);
  const asked = useRef("");
  const fetching = useRef<AbortController | null>(null);
  useEffect(() => {
    if (enabled) return;
    asked.current = "";
    fetching.current?.abort();
    setThumbnails((known) => (known.forEach(({ picture }) => picture.close()), []));
  }, [enabled]);
  useEffect(() => () => fetching.current?.abort(), []);
  const scrub = () => {
    const length = lengthOf(range);
    // The grid of a twelfth of what is shown: a timeline that moves on does not ask anew.
    const step = Math.max(60_000, 2 ** Math.floor(Math.log2(length / 12)));
    const [fromMs, toMs] = [Math.floor(range.fromMs / step) * step, Math.ceil(range.toMs / step) * step];
    const name = `${fromMs} ${toMs}`;
    if (!enabled || !canDecode() || asked.current === name || toMs <= fromMs) return;
    asked.current = name;
    fetching.current?.abort();
    const { signal } = (fetching.current = new AbortController());
    const opener = new Opener("/api/ring", (sealed) => keyring.unseal(sealed));
    void (async () => {
      const came: Thumbnail[] = [];
      for await (const one of filmstrip(opener, fromMs, toMs, signal)) setThumbnails((came.push(one), [...came]));
    })().catch(() => {});
  };
  return { thumbnails, scrub };
}

function useKeys(acts: Acts, rate: Rate, enabled: boolean): void {
  useLayoutEffect(() => {
    if (!enabled) return;
    const answer = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.altKey || event.metaKey || event.defaultPrevented || isTaken(event.target, event.key)) return;
      const act = actOf(event.key, acts, rate);
      if (!act) return;
      event.preventDefault();
      act();
    };
    document.addEventListener("keydown", answer);
    return () => document.removeEventListener("keydown", answer);
  });
}
