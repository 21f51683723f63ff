// In the player's place for whoever may not simply look: the permits that run, or the way to ask for one.
import { status } from "../../camera/told";
import { useWatched } from "../../camera/watched";
import { Button } from "../../pieces/Button";
import { link } from "../../route";
import { say } from "../../words/words";
import { useOwnKey } from "./identity/ownkey";
import { permitsIn } from "./permitted";
import { cases } from "./told";
import { spanWords } from "./wording";

const BEFORE_MS = 60_000;
const LONG_MS = 600_000;

interface AskToLookProps {
  /** The moment that somebody chose, or null. */
  wantedMs: number | null;
  onUnlock: (fromMs: number) => void;
}

export function AskToLook({ wantedMs, onUnlock }: AskToLookProps) {
  const permits = permitsIn(useWatched(cases).answer ?? []);
  const nowMs = useWatched(status).answer?.now_ms ?? Date.now();
  const key = useOwnKey();
  const toMs = Math.min(nowMs, wantedMs === null ? nowMs : wantedMs - BEFORE_MS + LONG_MS);
  const fromMs = toMs - LONG_MS;
  const chosen = permits.find((one) => wantedMs !== null && one.fromMs <= wantedMs && one.toMs >= wantedMs) ?? permits[0];
  if (chosen)
    return (
      <>
        <p>{say("asking.permitted", { span: spanWords(chosen.fromMs, chosen.toMs) })}</p>
        {key === "none" ? (
          <a class="button main" href={link("/custody")}>
            {say("identity.make")}
          </a>
        ) : (
          <Button id="unlock-open" kind="main" onPress={() => onUnlock(chosen.fromMs)}>
            {say("unlock")}
          </Button>
        )}
      </>
    );
  return (
    <>
      <p>{say("asking.needed")}</p>
      <a id="ask-to-look" class="button main" href={link("/custody", { new: "look", from: Math.floor(fromMs), to: Math.ceil(toMs) })}>
        {say("asking.ask", { span: spanWords(fromMs, toMs) })}
      </a>
    </>
  );
}
