// The letter that tells whoever asked why not, and how to object; on paper.
import { Card } from "../../pieces/Card";
import { say } from "../../words/words";
import type { Case } from "./answers";
import { PaperLinks } from "./papers/PaperLinks";

export function Letter({ one }: { one: Case }) {
  if (one.kind !== "disclosure") return null;
  return (
    <Card id="letter" title={say("letter.title")}>
      <p>{say("letter.text")}</p>
      <PaperLinks kind="refusal" query={{ case: one.case_id }} />
    </Card>
  );
}
