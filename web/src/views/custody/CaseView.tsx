// All of one case: what it is about, what waits to be done with it, and how it went.
import { visitor } from "../../camera/signedin";
import { useWatched } from "../../camera/watched";
import { Card } from "../../pieces/Card";
import { dayAndTime, say } from "../../words/words";
import { AnswerCard } from "./AnswerCard";
import type { Case } from "./answers";
import { CloseCard } from "./CloseCard";
import { courseOf } from "./course";
import { DecideDisclosure } from "./DecideDisclosure";
import { DecideLook } from "./DecideLook";
import { Packages } from "./disclosure/Packages";
import { Letter } from "./Letter";
import { OfferCard } from "./OfferCard";
import { PermitCard } from "./PermitCard";
import { ReportCard } from "./ReportCard";
import { TakeBack } from "./TakeBack";
import { policy } from "./told";
import { dueWords, spanWords, State, titleOf } from "./wording";

export function CaseView({ one }: { one: Case }) {
  const who = useWatched(visitor);
  const told = useWatched(policy).answer;
  if (!who) return null;
  const may = new Set(one.may);
  const offers = one.kind === "look" && one.state === "asked" && one.mine && who.role === "owner" && told?.sealing === "two_person";
  return (
    <div class="case">
      <Card id="case" title={titleOf(one)} head={<State of={one} />}>
        <Facts one={one} />
        <TakeBack one={one} />
      </Card>
      <div class="case-acts">
        {may.has("grant") && one.kind === "disclosure" && <DecideDisclosure one={one} />}
        {may.has("grant") && one.kind === "look" && <DecideLook one={one} />}
        {offers && <OfferCard one={one} />}
        {may.has("report") && <ReportCard one={one} />}
        <PermitCard one={one} />
        {one.kind === "disclosure" && who.role === "owner" && one.decision?.granted === true && <Packages one={one} />}
        {one.state === "refused" && <Letter one={one} />}
        {may.has("answer") && ["complaint", "existence", "erase"].includes(one.kind === "complaint" ? one.kind : one.want) && <AnswerCard one={one} />}
        {may.has("close") && <CloseCard one={one} />}
      </div>
      <Card id="course" title={say("case.course")}>
        <Course one={one} />
      </Card>
    </div>
  );
}

function Facts({ one }: { one: Case }) {
  const { asker } = one;
  const facts: [string, string][] = [
    ["kind", say(`case.kind.${one.kind}`)],
    ["due", dueWords(one)],
    ["span", one.from_ms !== null && one.to_ms !== null ? spanWords(one.from_ms, one.to_ms) : ""],
    ["want", one.kind === "disclosure" ? say(`want.${one.want}`) : ""],
    ["purpose", one.kind === "complaint" ? "" : one.purpose],
    ["use", one.kind === "look" ? say(`use.${one.use}`) : ""],
    ["legal_basis", one.legal_basis],
    ["asker", one.kind === "look" ? "" : [say(`asker.${one.asker_kind}`), asker.affiliation, asker.name].filter(Boolean).join(" · ")],
    ["contact", [asker.contact, asker.address].filter(Boolean).join(" · ")],
    ["representative", asker.representative],
    ["identity_check", one.identity_check],
    ["remarks", one.remarks],
    ["found", one.found === null ? "" : say(one.found ? "found.yes" : "found.no")],
    ["number", one.case_id],
  ];
  return (
    <dl id="case-facts" class="pairs facts">
      {facts
        .filter(([, value]) => value)
        .map(([name, value]) => (
          <div key={name}>
            <dt>{say(`fact.${name}`)}</dt>
            <dd>{value}</dd>
          </div>
        ))}
    </dl>
  );
}

function Course({ one }: { one: Case }) {
  return (
    <ol class="course">
      {courseOf(one).map((moment, index) => (
        <li key={index} class={moment.what}>
          <strong>{say(`step.${moment.what}`)}</strong>
          {(moment.atMs !== null || moment.who) && (
            <span class="hint">
              {moment.atMs !== null && <time dateTime={new Date(moment.atMs).toISOString()}>{dayAndTime(moment.atMs)}</time>}
              {moment.who && ` · ${moment.who}`}
            </span>
          )}
          {moment.told && <p>{moment.told}</p>}
        </li>
      ))}
    </ol>
  );
}
