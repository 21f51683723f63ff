// What breaks and moments of the past say to a person.
import { type Break, ERASED } from "../../opening/stretches";
import { day, dayAndTime, exactTime, lasting, say, sayOr } from "../../words/words";

/** A day, short: month and day. */
export function dayWord(ms: number): string {
  return day(ms).replace(/^\d{4}[年.]\s*|,? \d{4}$/g, "").replace(/^\d{4}년 /, "");
}

/** Why there is no picture, from when to when. */
export function breakWords(broken: Break): { title: string; span: string } {
  const length = lasting((broken.toMs - broken.fromMs) / 1000);
  const sameDay = new Date(broken.fromMs).toDateString() === new Date(broken.toMs).toDateString();
  const to = sameDay ? exactTime(broken.toMs) : dayAndTime(broken.toMs);
  const span = say("break_span", { from: dayAndTime(broken.fromMs), to, length });
  if (broken.isPrivate) return { title: say("legend_private"), span };
  return { title: gapWords(broken.cause), span };
}

/** Why there is no footage; `cause` is "" where nobody knows. */
export function gapWords(cause: string): string {
  if (cause === ERASED) return say("gap_erased");
  return cause ? say("gap_because", { cause: sayOr(`cause.${cause}`, cause) }) : say("legend_gap");
}
