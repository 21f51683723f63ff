// Paper: the guidelines' forms filled from the register, signs, certificates, and the operation standard.
import { useState } from "preact/hooks";
import { visitor } from "../../../camera/signedin";
import { useWatched } from "../../../camera/watched";
import { Card } from "../../../pieces/Card";
import { Field } from "../../../pieces/Field";
import { say } from "../../../words/words";
import { dayOf } from "../times";
import { timesOf } from "../register/filters";
import { CERTIFICATES, FORMS, SIGNS } from "./kinds";
import { PaperLinks } from "./PaperLinks";
import { Standard } from "./Standard";

const MONTH_DAYS = 31;

export function Papers() {
  const isOwner = useWatched(visitor)?.role === "owner";
  return (
    <div class="custody-cards">
      {isOwner && <Forms />}
      <Card id="papers-signs" title={say("papers.signs")}>
        <PaperList kinds={SIGNS} />
      </Card>
      {isOwner && <Standard />}
      {isOwner && (
        <Card id="papers-blank" title={say("papers.blank")}>
          <p class="hint">{say("papers.blank_text")}</p>
          <PaperList kinds={[...FORMS, "inzai-1", "kumamoto-1"]} />
        </Card>
      )}
    </div>
  );
}

/** The forms for some days of the register. */
function Forms() {
  const [days, setDays] = useState({ from: dayOf(Date.now() - MONTH_DAYS * 86_400_000), to: dayOf(Date.now()) });
  const isWhole = days.from !== "" && days.to !== "";
  return (
    <Card id="papers-forms" title={say("papers.forms")}>
      <p class="hint">{say("papers.forms_text")}</p>
      <div class="search">
        <Field id="papers-from" name="from" type="date" label={say("register.from")} value={days.from} onInput={(event) => setDays({ ...days, from: event.currentTarget.value })} />
        <Field id="papers-to" name="to" type="date" label={say("register.to")} value={days.to} onInput={(event) => setDays({ ...days, to: event.currentTarget.value })} />
      </div>
      {isWhole && <PaperList kinds={[...FORMS, ...CERTIFICATES]} query={timesOf(days) as Record<string, number>} />}
    </Card>
  );
}

export function PaperList({ kinds, query = {} }: { kinds: readonly string[]; query?: Record<string, string | number> }) {
  return (
    <ul class="lines papers">
      {kinds.map((kind) => (
        <li key={kind}>
          <span>{say(`paper.${kind}`)}</span>
          <PaperLinks kind={kind} query={query} title={say(`paper.${kind}`)} />
        </li>
      ))}
    </ul>
  );
}
