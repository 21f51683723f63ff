// Where it takes two, an owner who asks leaves their half: their layer of each key, taken off in this browser.
import { useState } from "preact/hooks";
import { Refusal, sentence } from "../../camera/refusal";
import { announce } from "../../pieces/Announcer";
import { Button } from "../../pieces/Button";
import { Card } from "../../pieces/Card";
import { say } from "../../words/words";
import type { Case } from "./answers";
import { isOpenHere, OpenFirst } from "./permitmaking";

export function OfferCard({ one }: { one: Case }) {
  const [asking, setAsking] = useState(false);
  const [busy, setBusy] = useState(false);
  const [said, setSaid] = useState<{ done: boolean; words: string } | null>(null);
  async function offer() {
    setAsking(false);
    setBusy(true);
    try {
      const { offerKeys } = await import("../../opening/granting");
      const { left } = await offerKeys(one.case_id);
      if (left === 0) throw new Refusal("NotAllowed", say("decide.unopened"));
      setSaid({ done: true, words: say("offer.done") });
      announce(say("offer.done"));
    } catch (error) {
      setSaid({ done: false, words: sentence(error) });
    } finally {
      setBusy(false);
    }
  }
  return (
    <Card id="offer" title={say("offer.title")}>
      <p>{say("offer.text")}</p>
      {said && <p class={said.done ? "hint" : "refusal"}>{said.words}</p>}
      {!said?.done && (
        <div class="actions start">
          <Button id="offer-keys" kind="main" busy={busy} onPress={() => (isOpenHere() ? void offer() : setAsking(true))}>
            {say("offer.go")}
          </Button>
        </div>
      )}
      {asking && <OpenFirst text={say("decide.unlock_text")} onOpen={() => void offer()} onClose={() => setAsking(false)} />}
    </Card>
  );
}
