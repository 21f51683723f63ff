// What commands began and what still stands: privacy, and what is not reported.
import type { Status } from "../../camera/answers";
import { Notice } from "../../pieces/Notice";
import { dayAndTime, say } from "../../words/words";

interface Silence {
  kind: string;
  place: string;
  by: string;
  until_wall_ns: number;
}

export function Orders({ status }: { status: Status | undefined }) {
  const sentences = status ? [...privacy(status), ...silences(status)] : [];
  if (sentences.length === 0) return null;
  return <Notice id="orders">{sentences.join(" ")}</Notice>;
}

function privacy({ recorder }: Status): string[] {
  if (!recorder?.private_by) return [];
  const { private_by: by, private_until_wall_ns: ends } = recorder;
  return [ends ? say("ordered_private", { by, until: until(ends) }) : say("ordered_private_open", { by })];
}

function silences({ observer }: Status): string[] {
  return ((observer?.silences ?? []) as unknown as Silence[]).map((told) => {
    const what = [say(`kind.${told.kind}`), told.place].filter(Boolean).join(" · ");
    return say("ordered_silence", { by: told.by, until: until(told.until_wall_ns), what });
  });
}

const until = (wallNs: number): string => dayAndTime(wallNs / 1e6);
