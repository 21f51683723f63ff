// The picture of the past, with the mark that names who looks and when; both go full screen together.
import type { ComponentChildren, RefObject } from "preact";
import { useEffect, useState } from "preact/hooks";
import { visitor } from "../../camera/signedin";
import { useWatched } from "../../camera/watched";
import { Busy } from "../../pieces/Busy";
import { say, stamp } from "../../words/words";
import type { Screened } from "./screening";
import { breakWords } from "./wording";

interface ScreenProps {
  figure: RefObject<HTMLElement | null>;
  video: RefObject<HTMLVideoElement | null>;
  shown: Screened;
  /** Instead of a picture: what to do first. */
  children?: ComponentChildren;
  onToggle: () => void;
}

export function Screen({ figure, video, shown, children, onToggle }: ScreenProps) {
  const who = useWatched(visitor)?.name ?? "";
  const nowMs = useNow();
  const { momentMs, broken } = shown;
  const hidden = Boolean(children) || broken !== null || momentMs === null;
  return (
    <figure class="picture screen" id="player-picture" ref={figure}>
      <video
        id="video"
        ref={video}
        class={hidden ? "hidden" : ""}
        aria-label={say("player_label")}
        muted
        playsInline
        disablePictureInPicture
        disableRemotePlayback
        onClick={onToggle}
      />
      {!children && momentMs !== null && (
        <figcaption class="mark" id="player-mark">{`${broken ? "" : stamp(momentMs)}\n${who} · ${stamp(nowMs)}`.trim()}</figcaption>
      )}
      {!children && broken && (
        <div class="missing break" id="player-break" role="status">
          <strong>{breakWords(broken).title}</strong>
          <span>{breakWords(broken).span}</span>
        </div>
      )}
      {!children && !broken && shown.waiting && !shown.failure && (
        <div class="missing" id="player-waiting">
          <Busy>{say("player_loading")}</Busy>
        </div>
      )}
      {!children && shown.failure && (
        <p class="missing" id="player-message" role="alert">
          {[say(shown.failure), shown.told].filter(Boolean).join(" ")}
        </p>
      )}
      {!children && !shown.failure && shown.ended && !broken && (
        <p class="missing low" role="status">
          {say("player_end")}
        </p>
      )}
      {children && <div class="missing doing">{children}</div>}
    </figure>
  );
}

/** The moment of looking, once a second. */
function useNow(): number {
  const [nowMs, setNowMs] = useState(Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNowMs(Date.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  return nowMs;
}
