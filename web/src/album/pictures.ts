// The pictures of events that were opened in this browser; forgotten when footage is locked again.
import type { Happening } from "../camera/answers";
import { Refusal } from "../camera/refusal";
import { Watched } from "../camera/watched";
import { keyring } from "../opening/identity";
import { Opener } from "../opening/opening";
import { readRecord, type Thumbnail } from "./record";
import { stretchesAround } from "./spans";

const MOST_KEPT = 600;
/** What has no picture after so many looks gets none: the day had no room for it, or all was masked. */
const MOST_TRIES = 2;

/** Opened pictures by the identity of their event. */
export const pictures = new Watched<ReadonlyMap<string, Thumbnail>>(new Map());
/** Why there are none, or null. */
export const trouble = new Watched<unknown>(null);
/** Whether some are on their way. */
export const fetching = new Watched(false);

const tries = new Map<string, { revision: number; count: number }>();
let opener = opened();
let running: AbortController | null = null;

/** Open the pictures of `events` that are not here yet, if footage is unlocked. */
export async function want(events: readonly Happening[]): Promise<void> {
  if (!keyring.open.value || running) return;
  const missing = events.filter(isMissing);
  if (missing.length === 0) return;
  const mine = (running = new AbortController());
  fetching.set(true);
  try {
    for (const stretch of stretchesAround(missing.map((event) => event.start_ms))) {
      const found = new Map<string, Thumbnail>();
      for await (const segment of opener.segments(stretch, mine.signal)) keep(found, segment.fragment);
      add(found);
    }
    trouble.set(null);
  } catch (error) {
    if (!mine.signal.aborted) trouble.set(error);
    if (error instanceof Refusal && error.kind !== "Unavailable") return;
  } finally {
    if (running === mine) running = null;
    fetching.set(false);
  }
  for (const event of missing) {
    const before = tries.get(event.event_id);
    const count = before?.revision === event.revision ? before.count + 1 : 1;
    tries.set(event.event_id, { revision: event.revision, count });
  }
}

function isMissing(event: Happening): boolean {
  const tried = tries.get(event.event_id);
  // An event that has ended since may have a better picture now.
  return !tried || tried.revision !== event.revision || (tried.count < MOST_TRIES && !pictures.value.has(event.event_id));
}

function keep(found: Map<string, Thumbnail>, data: Uint8Array<ArrayBuffer>): void {
  const record = readRecord(data);
  if (record.form !== "thumbnail") return;
  if (record.better || !found.get(record.eventId)?.better) found.set(record.eventId, record);
}

function add(found: ReadonlyMap<string, Thumbnail>): void {
  if (found.size === 0) return;
  const all = new Map(pictures.value);
  for (const [id, picture] of found) if (picture.better || !all.get(id)?.better) all.set(id, picture);
  for (const id of [...all.keys()].slice(0, -MOST_KEPT)) all.delete(id);
  pictures.set(all);
}

function opened(): Opener {
  return new Opener("/api/album/thumbnails", (sealed) => keyring.unseal(sealed));
}

keyring.open.subscribe(() => {
  if (keyring.open.value) return;
  running?.abort();
  opener.forget();
  opener = opened();
  tries.clear();
  pictures.set(new Map());
  trouble.set(null);
});
