// What an event says to a person.
import type { Happening } from "../../camera/answers";
import { clockTime, lasting, number, say, sayOr } from "../../words/words";

export const kindWord = (event: Happening): string => sayOr(`kind.${event.kind}`, event.kind);

export const announcement = (event: Happening): string =>
  say("event_noticed", { kind: kindWord(event), time: clockTime(event.start_ms) });

/** How long, how sure, where, which way. */
export function detail(event: Happening): string {
  const duration = event.end_ms === null ? say("lasting") : lasting((event.end_ms - event.start_ms) / 1000);
  const sure = say("sure", { n: number(event.confidence, { style: "percent" }) });
  const uncertain = event.trust === 0 ? say("untrusted_time") : "";
  const way = event.direction ? sayOr(`direction.${event.direction}`, event.direction) : "";
  return [duration, sure, event.zone, way, uncertain].filter(Boolean).join(" · ");
}
