// Hours in a minute: the movements of a day as one short film, and the moments they are of beside it.
import { useEffect, useRef, useState } from "preact/hooks";
import { type Film, momentAt, NO_FILM, pieceAt, type Placed } from "../album/film";
import { screen } from "../album/screening";
import { dayAround } from "../album/spans";
import { sentence } from "../camera/refusal";
import { visitor } from "../camera/signedin";
import { useWatched } from "../camera/watched";
import { keyring, Locked } from "../opening/identity";
import { NoDecoder } from "../opening/mediabuffer";
import { Busy } from "../pieces/Busy";
import { Button } from "../pieces/Button";
import { Card } from "../pieces/Card";
import { Empty } from "../pieces/Empty";
import { Field } from "../pieces/Field";
import { Icon } from "../pieces/Icon";
import { go, link, useRoute } from "../route";
import { day as dayWord, exactTime, lasting, say, sayOr, stamp } from "../words/words";
import "./events/events.css";
import { dayOf } from "./events/filters";
import { UnlockPictures } from "./events/UnlockPictures";

const BEFORE_MS = 2000;
const DAY_MS = 86_400_000;

export default function Digest() {
  const chosen = useRoute().query.get("day") ?? "";
  const day = /^\d{4}-\d\d-\d\d$/.test(chosen) ? chosen : dayOf(Date.now());
  const open = useWatched(keyring.open);
  const [asked, setAsked] = useState(false);
  const noon = Date.parse(`${day}T12:00:00`);
  const choose = (other: string) => other && go("/digest", { day: other }, true);
  return (
    <>
      <Card
        id="digest"
        title={say("digest")}
        head={
          <a class="more-link" href={link("/events", { day })}>
            {say("digest_events")}
          </a>
        }
      >
        <div class="days" role="group" aria-label={say("filter.day")}>
          <Button id="day-before" label={say("day_before")} onPress={() => choose(dayOf(noon - DAY_MS))}>
            ‹
          </Button>
          <Field id="digest-day" name="day" type="date" label={say("filter.day")} value={day} max={dayOf(Date.now())} onInput={(event) => choose(event.currentTarget.value)} />
          <Button id="day-after" label={say("day_after")} disabled={day >= dayOf(Date.now())} onPress={() => choose(dayOf(noon + DAY_MS))}>
            ›
          </Button>
        </div>
        {open ? (
          <Screen key={day} noon={noon} />
        ) : (
          <div class="locked">
            <p>{say("digest_locked")}</p>
            <Button id="digest-unlock" kind="main" onPress={() => setAsked(true)}>
              <Icon name="key" />
              {say("unlock")}
            </Button>
          </div>
        )}
      </Card>
      {asked && !open && <UnlockPictures onClose={() => setAsked(false)} />}
    </>
  );
}

function Screen({ noon }: { noon: number }) {
  const video = useRef<HTMLVideoElement>(null);
  const [film, setFilm] = useState<Film>(NO_FILM);
  const [atS, setAtS] = useState(0);
  const [failure, setFailure] = useState<unknown>(null);
  useEffect(() => {
    const showing = new AbortController();
    if (video.current)
      screen(video.current, dayAround(noon), showing.signal, setFilm).catch((error: unknown) => {
        if (!showing.signal.aborted && !(error instanceof Locked)) setFailure(error);
      });
    return () => showing.abort();
  }, [noon]);

  const now = pieceAt(film, atS);
  const nothing = film.whole && film.pieces.length === 0;
  const mark = now ? `${stamp(momentAt(now, atS))}\n${visitor.value?.name ?? ""} · ${stamp(Date.now())}` : "";
  function play(placed: Placed) {
    if (!video.current) return;
    video.current.currentTime = placed.atS + 0.01;
    void video.current.play().catch(() => {});
  }
  return (
    <div class="digest">
      <figure class="picture" hidden={nothing}>
        <video
          id="digest-video"
          ref={video}
          aria-label={say("digest_label", { day: dayWord(noon) })}
          controls
          muted
          playsInline
          disablePictureInPicture
          disableRemotePlayback
          controlsList="nofullscreen nodownload noremoteplayback"
          onTimeUpdate={(event) => {
            setAtS(event.currentTarget.currentTime);
            keyring.used();
          }}
        />
        <figcaption class="mark">{mark}</figcaption>
        <p class="missing" role="status">
          {failure ? failed(failure) : ""}
        </p>
      </figure>
      {!film.whole && !failure && <Busy>{say("loading")}</Busy>}
      {nothing && <Empty id="digest-empty">{say("digest_empty")}</Empty>}
      {film.pieces.length > 0 && (
        <>
          <p class="hint" id="digest-length">
            {say("digest_length", { n: film.pieces.length, time: lasting(film.lengthS) })}
          </p>
          <ol id="digest-pieces" class="pieces" aria-label={say("digest_moments")}>
            {film.pieces.map((placed) => (
              <li key={placed.piece.pieceId} class={placed === now ? "current" : undefined}>
                <button type="button" aria-current={placed === now ? "true" : undefined} onClick={() => play(placed)}>
                  <time dateTime={new Date(placed.piece.fromMs).toISOString()}>{exactTime(placed.piece.fromMs)}</time>
                  <span>{wordsOf(placed)}</span>
                </button>
                <a href={link("/footage", { at: Math.round(placed.piece.fromMs - BEFORE_MS) })} aria-label={say("event_play_at", { time: exactTime(placed.piece.fromMs) })}>
                  <Icon name="next" />
                </a>
              </li>
            ))}
          </ol>
        </>
      )}
    </div>
  );
}

function wordsOf({ piece }: Placed): string {
  const kinds = piece.kinds.map((kind) => sayOr(`kind.${kind}`, kind)).join(", ");
  return [kinds || say("kind.motion"), ...piece.zones, lasting((piece.toMs - piece.fromMs) / 1000)].join(" · ");
}

function failed(failure: unknown): string {
  return failure instanceof NoDecoder ? say("digest_no_decoder") : sentence(failure, say("pictures_not_allowed"));
}
