// What the camera noticed, newest first; a chosen one is played, or shown larger where somebody takes care of that.
import type { ComponentChild } from "preact";
import type { Happening } from "../../camera/answers";
import { Busy } from "../../pieces/Busy";
import { Empty } from "../../pieces/Empty";
import { link } from "../../route";
import { dayAndTime, exactTime, say } from "../../words/words";
import { shapeOf } from "./shapes";
import { detail, kindWord } from "./wording";

export const BEFORE_EVENT_MS = 3000;
const TODAY_MS = 20 * 3_600_000;
const ABOUT_THE_CAMERA = ["covered", "moved", "defocused", "blinded", "dark", "frozen", "signal_lost", "cloned"];

interface EventListProps {
  /** `undefined` while the camera has not answered yet. */
  events: readonly Happening[] | undefined;
  /** What is said when there are none. */
  none?: string;
  /** Shows one larger. */
  onChoose?: (event: Happening) => void;
  /** What stands before each in place of its sign. */
  picture?: (event: Happening) => ComponentChild;
}

export function EventList({ events, none = say("no_events"), ...rest }: EventListProps) {
  if (!events) return <Busy>{say("loading")}</Busy>;
  if (events.length === 0) return <Empty id="no-events">{none}</Empty>;
  return (
    <ol id="event-list" class={rest.picture ? "events pictured" : "events"}>
      {events.map((event) => (
        <EventRow key={event.event_id} event={event} {...rest} />
      ))}
    </ol>
  );
}

function EventRow({ event, onChoose, picture }: { event: Happening } & Pick<EventListProps, "onChoose" | "picture">) {
  const told = Date.now() - event.start_ms < TODAY_MS ? exactTime(event.start_ms) : dayAndTime(event.start_ms);
  function choose(click: MouseEvent) {
    if (!onChoose || click.ctrlKey || click.metaKey || click.shiftKey) return;
    click.preventDefault();
    onChoose(event);
  }
  return (
    <li class={ABOUT_THE_CAMERA.includes(event.kind) ? "health" : undefined}>
      <a href={link("/footage", { at: Math.round(event.start_ms - BEFORE_EVENT_MS) })} title={event.reason} onClick={choose}>
        {picture?.(event) ?? (
          <span class="badge" aria-hidden="true">
            <svg viewBox="0 0 24 24">
              <path d={shapeOf(event.kind)} />
            </svg>
          </span>
        )}
        <span class="kind">{kindWord(event)}</span>
        <time dateTime={new Date(event.start_ms).toISOString()}>{told}</time>
        <span class="more">{detail(event)}</span>
      </a>
    </li>
  );
}
