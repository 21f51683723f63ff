// What breaks and moments of the past say to a person.
import type { Break } from "../../opening/stretches";
import { clockTime, day, dayAndTime, lasting, say, sayOr } from "../../words/words";

/** A day, short: month and day. */
export function dayWord(ms: number): string {
  return day(ms).replace(/^\d{4}[年.]\s*|,? \d{4}$/g, "").replace(/^\d{4}년 /, "");
}

/** Why there is no picture, from when to when. */
export function breakWords(broken: Break): { title: string; span: string } {
  const length = lasting((broken.toMs - broken.fromMs) / 1000);
  const sameDay = new Date(broken.fromMs).toDateString() === new Date(broken.toMs).toDateString();
  const to = sameDay ? clockTime(broken.toMs) : dayAndTime(broken.toMs);
  const span = say("break_span", { from: dayAndTime(broken.fromMs), to, length });
  if (broken.isPrivate) return { title: say("legend_private"), span };
  const title = broken.cause ? say("gap_because", { cause: sayOr(`cause.${broken.cause}`, broken.cause) }) : say("legend_gap");
  return { title, span };
}
