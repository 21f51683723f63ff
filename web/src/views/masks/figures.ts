// Masks and aim in words and figures.
import type { Aim, Masks } from "../../camera/answers";
import type { Figure } from "../../pieces/Tile";
import { day, number, say } from "../../words/words";

// Less is not worth a word.
const TOLD_SHARE = 0.005;
const UNKNOWN = "–";
/** In whose name the camera confirms where a film or a drawn scene looks. */
const FILM = "nobody: it is a film";
const QUIET = ["", "steady", "unguarded"];

export function maskFigures(masks: Masks | undefined, aim: Aim | null): Figure[] {
  const inForce = masks?.in_force ?? null;
  const version = inForce ? String(inForce.version) : masks ? say("no_masks") : UNKNOWN;
  const waiting = masks && ["draft", "proposed"].includes(masks.state) ? say(`masks.${masks.state}`) : "";
  const by = !aim?.confirmed_by ? "" : aim.confirmed_by === FILM ? say("aim_film") : say("aim_by", { name: aim.confirmed_by, day: day(aim.confirmed_ms) });
  return [
    { label: say("tile.mask_version"), value: version, more: waiting || (inForce?.locked_by ? say("locked") : "") },
    { label: say("tile.mask_confirmed"), value: inForce?.confirmed_by ?? UNKNOWN, more: inForce ? day(inForce.confirmed_ms) : "" },
    { label: say("tile.masked"), value: inForce ? share(inForce.masked_share) : UNKNOWN },
    { label: say("tile.aim"), value: aim?.state ? say(`aim.${aim.state}`) : UNKNOWN, more: by },
  ];
}

/** Whether somebody has to look and say that the view is right. */
export const asksForAim = (aim: Aim | null): boolean => aim !== null && !QUIET.includes(aim.state);

/** What happened to the view, and what a person does now; empty while all is well. */
export function happened(aim: Aim | null): string {
  return aim && asksForAim(aim) ? say(`aim_says.${aim.state}`, { shift: shift(aim) }) : "";
}

/** In words: how far the picture went, and which way. */
export function shift({ off, right, down }: Pick<Aim, "off" | "right" | "down">): string {
  const ways: string[] = [];
  if (Math.abs(right) >= TOLD_SHARE) ways.push(say(right > 0 ? "shift_right" : "shift_left", { n: share(Math.abs(right)) }));
  if (Math.abs(down) >= TOLD_SHARE) ways.push(say(down > 0 ? "shift_down" : "shift_up", { n: share(Math.abs(down)) }));
  // What is left of the farthest point's way was no shift: the picture turned, or its scale changed.
  if (off - Math.hypot(right, down) >= TOLD_SHARE) ways.push(say("shift_turned", { n: share(off) }));
  return ways.join(", ") || say("shift_unknown");
}

const share = (part: number): string => number(part, { style: "percent", maximumFractionDigits: part < 0.1 ? 1 : 0 });
