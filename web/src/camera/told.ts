// What every screen may show of the camera, asked for once for all of them.
import type { Happening, Masks, Status, UpdatesShown } from "./answers";
import { Renewed } from "./renewed";
import { visitor } from "./signedin";

export const status = new Renewed<Status>("/api/status", 2000);
export const happenings = new Renewed<Happening[]>("/api/events", 3000);
export const masks = new Renewed<Masks>("/api/masks", 10_000);
export const updates = new Renewed<UpdatesShown>("/api/updates", 3000);

// Nothing stays on the page for whoever signs in next.
visitor.subscribe(() => {
  if (!visitor.value) for (const told of [status, happenings, masks, updates]) told.forget();
});
