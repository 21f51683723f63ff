// What waits for whoever looks: what is overdue first, then what is due next.
import { useWatched } from "../../camera/watched";
import { sentence } from "../../camera/refusal";
import { Busy } from "../../pieces/Busy";
import { Card } from "../../pieces/Card";
import { Empty } from "../../pieces/Empty";
import { link } from "../../route";
import { day, lasting, say } from "../../words/words";
import type { Case, Due } from "./answers";
import { calendar, cases } from "./told";
import { spanWords } from "./wording";

export function Waiting() {
  const { answer, failure } = useWatched(calendar);
  const list = useWatched(cases).answer ?? [];
  const due = [...(answer ?? [])].sort((one, other) => Number(other.overdue) - Number(one.overdue) || (one.due_ms ?? 0) - (other.due_ms ?? 0));
  return (
    <Card id="waiting" title={say("waiting.title")}>
      {!answer && (failure ? <p class="refusal">{sentence(failure)}</p> : <Busy>{say("loading")}</Busy>)}
      {answer && due.length === 0 && <Empty>{say("waiting.none")}</Empty>}
      <ul class="lines due">
        {due.map((one, index) => (
          <li key={index} class={one.overdue ? "overdue" : undefined}>
            <a href={whereOf(one)}>
              <span class="case-title">{say(`due.what.${one.what}`)}</span>
              <span class="when">{whenOf(one)}</span>
              <span class="hint">{[one.subject, span(one, list)].filter(Boolean).join(" · ")}</span>
            </a>
          </li>
        ))}
      </ul>
    </Card>
  );
}

/** Which footage it is about, where that is a case. */
function span({ case_id }: Due, list: readonly Case[]): string {
  const one = list.find((each) => case_id && each.case_id === case_id);
  return one && one.from_ms !== null && one.to_ms !== null ? spanWords(one.from_ms, one.to_ms) : "";
}

function whenOf({ due_ms, overdue }: Due): string {
  if (due_ms === null) return say(overdue ? "due.now" : "due.soon");
  return overdue ? say("due.over", { time: lasting((Date.now() - due_ms) / 1000) }) : say("due.by", { day: day(due_ms) });
}

const CARDS: Partial<Record<Due["what"], string>> = { page_certificate: "certificates", page_authority: "certificates", broker_certificate: "broker", card: "storage" };

function whereOf({ case_id, hold_id, what }: Due): string {
  if (case_id) return link("/custody", { case: case_id });
  if (hold_id) return link("/care", { card: "holds" });
  if (what === "book_erasure") return link("/custody", { show: "register" });
  const card = CARDS[what];
  return card ? link("/care", { card }) : link("/custody", { show: "papers" });
}
