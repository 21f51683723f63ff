// Who may look and what is given away: what waits, cases, the register, and paper.
import type { ComponentChildren } from "preact";
import { visitor } from "../../camera/signedin";
import { useWatched } from "../../camera/watched";
import { sentence } from "../../camera/refusal";
import { Busy } from "../../pieces/Busy";
import { Card } from "../../pieces/Card";
import { Notice } from "../../pieces/Notice";
import { go, link, useRoute } from "../../route";
import { say } from "../../words/words";
import type { Case } from "./answers";
import { CaseList } from "./CaseList";
import { CaseView } from "./CaseView";
import { byDue } from "./course";
import "./custody.css";
import { OwnKey } from "./identity/OwnKey";
import { NewComplaint } from "./NewComplaint";
import { NewDisclosure } from "./NewDisclosure";
import { NewLook } from "./NewLook";
import { Papers } from "./papers/Papers";
import { Register } from "./register/Register";
import { cases, policy } from "./told";
import { Waiting } from "./Waiting";

const PARTS = ["cases", "register", "papers"] as const;

export default function Custody() {
  const { query } = useRoute();
  const isOwner = useWatched(visitor)?.role === "owner";
  const [part, begun] = [query.get("show") ?? "cases", query.get("new")];
  // The register is looked through by case, too.
  const caseId = query.has("show") ? null : query.get("case");
  const written = ({ case_id }: Case) => go("/custody", { case: case_id }, true);
  const leave = () => go("/custody", {}, true);
  if (caseId) return <Standing><CaseOf key={caseId} id={caseId} /></Standing>;
  if (begun === "disclosure")
    return (
      <Standing>
        <NewDisclosure onWritten={written} onCancel={leave} />
      </Standing>
    );
  if (begun === "look")
    return (
      <Standing>
        <NewLook span={spanIn(query)} onWritten={written} onCancel={leave} />
      </Standing>
    );
  if (begun === "complaint")
    return (
      <Standing>
        <NewComplaint onWritten={written} onCancel={leave} />
      </Standing>
    );
  return (
    <>
      <nav class="chips" aria-label={say("custody.parts")}>
        {PARTS.filter((each) => isOwner || each !== "register").map((each) => (
          <a key={each} href={link("/custody", each === "cases" ? {} : { show: each })} aria-current={each === part ? "page" : undefined}>
            {say(`custody.${each}`)}
          </a>
        ))}
      </nav>
      {part === "register" ? <Register /> : part === "papers" ? <Papers /> : <Cases isOwner={isOwner} />}
    </>
  );
}

function Cases({ isOwner }: { isOwner: boolean }) {
  const sealing = useWatched(policy).answer?.sealing;
  // An owner asks nobody, except where it takes two.
  const asks = !isOwner || sealing === "two_person";
  const { answer, failure } = useWatched(cases);
  const open = byDue((answer ?? []).filter((one) => one.open));
  const over = (answer ?? []).filter((one) => !one.open);
  return (
    <div class="custody">
      <div class="begin">
        <a id="begin-disclosure" class="button main" href={link("/custody", { new: "disclosure" })}>
          {say("begin.disclosure")}
        </a>
        <a id="begin-look" class="button" href={asks ? link("/custody", { new: "look" }) : link("/footage")}>
          {say("begin.look")}
        </a>
        <a id="begin-complaint" class="button" href={link("/custody", { new: "complaint" })}>
          {say("begin.complaint")}
        </a>
      </div>
      <OwnKey />
      <div class="custody-cards">
        <Waiting />
        <Card id="open-cases" title={say("cases.open")}>
          {!answer && (failure ? <p class="refusal">{sentence(failure)}</p> : <Busy>{say("loading")}</Busy>)}
          {answer && <CaseList id="open-list" list={open} none={say("cases.none_open")} />}
        </Card>
        {over.length > 0 && (
          <Card id="past-cases" title={say("cases.over")}>
            <CaseList id="over-list" list={over} none="" />
          </Card>
        )}
      </div>
    </div>
  );
}

function CaseOf({ id }: { id: string }) {
  const { answer, failure } = useWatched(cases);
  const one = answer?.find(({ case_id }) => case_id === id);
  if (one) return <CaseView one={one} />;
  if (!answer) return failure ? <Notice kind="grave">{sentence(failure)}</Notice> : <Busy>{say("loading")}</Busy>;
  return <Notice>{say("case.unknown")}</Notice>;
}

/** One matter alone, with the way back to all. */
function Standing({ children }: { children: ComponentChildren }) {
  return (
    <div class="standing">
      <a class="more-link" href={link("/custody")}>
        ‹ {say("custody.back")}
      </a>
      {children}
    </div>
  );
}

function spanIn(query: URLSearchParams): { fromMs: number; toMs: number } | null {
  const [fromMs, toMs] = [Number(query.get("from")), Number(query.get("to"))];
  return fromMs > 0 && toMs > fromMs ? { fromMs, toMs } : null;
}
