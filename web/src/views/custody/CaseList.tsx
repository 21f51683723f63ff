// Cases, each a link to all of it.
import { Empty } from "../../pieces/Empty";
import { link } from "../../route";
import { dayAndTime, say } from "../../words/words";
import type { Case } from "./answers";
import { dueWords, State, titleOf } from "./wording";

export function CaseList({ id, list, none }: { id: string; list: readonly Case[]; none: string }) {
  if (list.length === 0) return <Empty>{none}</Empty>;
  return (
    <ul id={id} class="lines cases">
      {list.map((one) => (
        <li key={one.case_id}>
          <a href={link("/custody", { case: one.case_id })}>
            <span class="case-title">{titleOf(one)}</span>
            <State of={one} />
            <span class="hint">{[say(`case.kind.${one.kind}`), one.from_ms === null ? dayAndTime(one.asked_ms) : dayAndTime(one.from_ms), dueWords(one)].filter(Boolean).join(" · ")}</span>
          </a>
        </li>
      ))}
    </ul>
  );
}
