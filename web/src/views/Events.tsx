// Finding the moment: everything the camera noticed in the time that footage is kept, with pictures once unlocked.
import { useEffect, useMemo, useState } from "preact/hooks";
import { fetching, trouble, want } from "../album/pictures";
import type { Happening } from "../camera/answers";
import { ask } from "../camera/http";
import { sentence } from "../camera/refusal";
import { Renewed } from "../camera/renewed";
import { useWatched } from "../camera/watched";
import { keyring } from "../opening/identity";
import { Busy } from "../pieces/Busy";
import { Button } from "../pieces/Button";
import { Card } from "../pieces/Card";
import { Icon } from "../pieces/Icon";
import { Notice } from "../pieces/Notice";
import { go, link, useRoute } from "../route";
import { say } from "../words/words";
import { EventList } from "./events/EventList";
import { FilterBar } from "./events/FilterBar";
import { asQuery, type Filters, filtersIn, question } from "./events/filters";
import "./events/events.css";
import { Looked } from "./events/Looked";
import { Picture } from "./events/Picture";
import { UnlockPictures } from "./events/UnlockPictures";

const A_PAGE = 50;
const RENEWED_MS = 5000;

export default function Events() {
  const { query } = useRoute();
  const filters = filtersIn(query);
  const [chosen, setChosen] = useState("");
  const [asked, setAsked] = useState(false);
  const open = useWatched(keyring.open);
  const found = useFound(filters);
  const zones = useZones(found.events);
  useEffect(() => {
    if (open && found.events) void want(found.events);
  }, [open, found.events]);

  const events = found.events ?? [];
  const at = events.findIndex((event) => event.event_id === chosen);
  const shown = events[at];
  const to = (place: number) => {
    const other = events[place];
    return other && (() => setChosen(other.event_id));
  };
  return (
    <>
      <Card id="events" title={say("events")} head={<Head open={open} onUnlock={() => setAsked(true)} />}>
        <FilterBar filters={filters} zones={zones} onChange={(changed) => go("/events", asQuery(changed), true)} />
        <Trouble failure={found.failure} />
        <EventList
          events={found.events}
          none={say(Object.keys(asQuery(filters)).length > 0 ? "no_such_events" : "no_events")}
          onChoose={(event) => setChosen(event.event_id)}
          picture={(event) => <Picture event={event} />}
        />
        {found.more && (
          <div class="actions">
            <Button id="events-more" busy={found.busy} onPress={found.onMore}>
              {say("events_more")}
            </Button>
          </div>
        )}
      </Card>
      {shown && <Looked event={shown} onEarlier={to(at + 1)} onLater={to(at - 1)} onClose={() => setChosen("")} />}
      {asked && !open && <UnlockPictures onClose={() => setAsked(false)} />}
    </>
  );
}

function Head({ open, onUnlock }: { open: boolean; onUnlock: () => void }) {
  const busy = useWatched(fetching);
  return (
    <div class="head-actions">
      {busy && <Busy />}
      <a class="more-link" href={link("/digest")}>
        {say("digest")}
      </a>
      {open ? (
        <Button id="pictures-lock" onPress={() => keyring.lock()}>
          <Icon name="lock" />
          {say("lock_now")}
        </Button>
      ) : (
        <Button id="pictures-unlock" onPress={onUnlock}>
          <Icon name="key" />
          {say("pictures_show")}
        </Button>
      )}
    </div>
  );
}

function Trouble({ failure }: { failure: unknown }) {
  const why = useWatched(trouble);
  if (failure) return <Notice kind="grave">{sentence(failure)}</Notice>;
  return why ? <Notice id="pictures-trouble">{sentence(why, say("pictures_not_allowed"))}</Notice> : null;
}

interface Found {
  events: readonly Happening[] | undefined;
  failure: unknown;
  /** Whether there may be more than these. */
  more: boolean;
  busy: boolean;
  onMore: () => void;
}

/** The newest page again and again, and the older ones that were asked for. */
function useFound(filters: Filters): Found {
  const same = question(filters, A_PAGE);
  const newest = useMemo(() => new Renewed<Happening[]>(same, RENEWED_MS), [same]);
  const [older, setOlder] = useState<{ of: string; events: Happening[]; whole: boolean }>({ of: same, events: [], whole: false });
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<unknown>(null);
  const { answer, failure: away } = useWatched(newest);
  const mine = older.of === same ? older : { of: same, events: [], whole: false };
  const events = useMemo(() => answer && withoutRepeats([...answer, ...mine.events]), [answer, older, same]);
  const last = events?.at(-1);

  async function more() {
    if (!last || busy) return;
    setBusy(true);
    try {
      const found = await ask<Happening[]>(question(filters, A_PAGE, last));
      setOlder({ of: same, events: [...mine.events, ...found], whole: found.length < A_PAGE });
      setFailure(null);
    } catch (error) {
      setFailure(error);
    } finally {
      setBusy(false);
    }
  }
  const full = (answer?.length ?? 0) >= A_PAGE;
  return { events, failure: failure ?? (answer ? null : away), more: full && !mine.whole, busy, onMore: () => void more() };
}

function withoutRepeats(events: readonly Happening[]): Happening[] {
  const seen = new Set<string>();
  return events.filter(({ event_id }) => !seen.has(event_id) && seen.add(event_id));
}

/** Names of places that any event so far was in. */
function useZones(events: readonly Happening[] | undefined): readonly string[] {
  const [known, setKnown] = useState<readonly string[]>([]);
  useEffect(() => {
    const named = new Set([...known, ...(events ?? []).flatMap((event) => event.zone ?? [])]);
    if (named.size !== known.length) setKnown([...named].sort());
  }, [events]);
  return known;
}
