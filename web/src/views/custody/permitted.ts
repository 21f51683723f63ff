// The past as far as somebody may see it: footage outside of their permits is to them as if there were none.
import { useMemo } from "preact/hooks";
import { visitor } from "../../camera/signedin";
import { useWatched } from "../../camera/watched";
import type { KnownPast } from "../player/screening";
import type { Case } from "./answers";
import { type Span, withinSpans } from "./times";
import { cases, policy } from "./told";

/** The looks that hold now, of whoever asks here. */
export const permitsIn = (list: readonly Case[]): (Span & { case: Case })[] =>
  list.flatMap((one) => (one.kind === "look" && one.mine && one.decision?.permitted && one.from_ms !== null && one.to_ms !== null ? [{ fromMs: one.from_ms, toMs: one.to_ms, case: one }] : []));

/** Whether footage of that moment may be looked at by whoever asks here. */
export const isPermitted = (ms: number): boolean => permitsIn(cases.value.answer ?? []).some(({ fromMs, toMs }) => fromMs <= ms && ms < toMs);

/** Whether whoever is signed in asks nobody before they look: an owner, but where it takes two. */
export function useLooksFreely(): boolean {
  const isOwner = useWatched(visitor)?.role === "owner";
  const sealing = useWatched(policy).answer?.sealing;
  return isOwner && sealing !== "two_person";
}

/** What of `past` may be played by whoever is signed in. */
export function usePermitted(past: KnownPast): KnownPast {
  const free = useLooksFreely();
  useWatched(cases);
  return useMemo(() => (free ? past : permitted(past)), [past, free]);
}

function permitted(past: KnownPast): KnownPast {
  return {
    pieces: {
      get value() {
        return withinSpans(past.pieces.value, permitsIn(cases.value.answer ?? []));
      },
    },
    lookAt: (range) => past.lookAt(range),
  };
}
