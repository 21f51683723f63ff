// What stands between a drawing and the camera: a lost connection, somebody else's change, a refusal.
import { Refusal, sentence } from "../../camera/refusal";
import { Busy } from "../../pieces/Busy";
import { Button } from "../../pieces/Button";
import { Notice } from "../../pieces/Notice";
import { say } from "../../words/words";
import type { Bench, Board } from "./board";

interface StandingProps<A extends { tag: string }> {
  board: Board<A>;
  bench: Bench<A>;
  /** The refusal is said elsewhere. */
  told: boolean;
}

export function Standing<A extends { tag: string }>({ board, bench, told }: StandingProps<A>) {
  const { theirs, away, failure } = bench;
  if (theirs)
    return (
      <Notice id="draw-overtaken" kind="grave">
        <p>{say("overtaken")}</p>
        <div class="actions">
          <Button id="take-theirs" onPress={() => board.takeTheirs()}>
            {say("take_theirs")}
          </Button>
          <Button id="keep-mine" onPress={() => board.keepMine()}>
            {say("keep_mine")}
          </Button>
        </div>
      </Notice>
    );
  if (away)
    return (
      <Notice id="draw-away" kind="grave">
        {say(board.isOpen ? "away_kept" : "unreachable")}
      </Notice>
    );
  const overtaken = failure instanceof Refusal && failure.status === 409;
  if (!failure || told || overtaken) return null;
  return (
    <Notice id="draw-refused" kind="grave">
      {sentence(failure)} {board.isOpen && say("drawn_kept")}
    </Notice>
  );
}

/** In the drawing's place until there is an answer. */
export function Awaited({ failure }: { failure: unknown }) {
  return failure ? <Notice kind="grave">{sentence(failure)}</Notice> : <Busy>{say("loading")}</Busy>;
}
