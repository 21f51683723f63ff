// One event, large: its picture, what is known of it, the ones before and after, and the way to its footage.
import { useLayoutEffect } from "preact/hooks";
import type { Happening } from "../../camera/answers";
import { Button } from "../../pieces/Button";
import { Sheet } from "../../pieces/Sheet";
import { link } from "../../route";
import { dayAndTime, say } from "../../words/words";
import { BEFORE_EVENT_MS } from "./EventList";
import { Picture } from "./Picture";
import { detail, kindWord } from "./wording";

interface LookedProps {
  event: Happening;
  /** Shows the one that was noticed before or after; undefined where there is none. */
  onEarlier: (() => void) | undefined;
  onLater: (() => void) | undefined;
  onClose: () => void;
}

export function Looked({ event, onEarlier, onLater, onClose }: LookedProps) {
  useLayoutEffect(() => {
    function turn({ key }: KeyboardEvent) {
      if (key === "ArrowLeft") onEarlier?.();
      if (key === "ArrowRight") onLater?.();
    }
    addEventListener("keydown", turn);
    return () => removeEventListener("keydown", turn);
  }, [onEarlier, onLater]);
  return (
    <Sheet id="looked" wide title={kindWord(event)} head={<Button id="looked-close" onPress={onClose}>{say("close")}</Button>} onClose={onClose}>
      <Picture key={event.event_id} event={event} large />
      <p class="looked-when" aria-live="polite">
        <time dateTime={new Date(event.start_ms).toISOString()}>{dayAndTime(event.start_ms)}</time>
        <span>{detail(event)}</span>
      </p>
      <div class="turning">
        <Button id="looked-earlier" disabled={!onEarlier} onPress={onEarlier}>
          {say("event_earlier")}
        </Button>
        <a id="looked-play" class="button" href={link("/footage", { at: Math.round(event.start_ms - BEFORE_EVENT_MS) })}>
          {say("event_play")}
        </a>
        <Button id="looked-later" disabled={!onLater} onPress={onLater}>
          {say("event_later")}
        </Button>
      </div>
    </Sheet>
  );
}
