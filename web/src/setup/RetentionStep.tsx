// How long footage lives, and what that comes to on this card, before anything is recorded.
import { useEffect, useRef, useState } from "preact/hooks";
import { ask, tell } from "../camera/http";
import { Refusal, sentence } from "../camera/refusal";
import { Busy } from "../pieces/Busy";
import { Field } from "../pieces/Field";
import { Form, type Given } from "../pieces/Form";
import { Notice } from "../pieces/Notice";
import { number, say } from "../words/words";
import { Page } from "./Page";
import { comeBack, renew, setup, show, showNext, type Plan } from "./told";

const POLICIES = ["kumagaya", "inzai", "gwangju", "daejeon", "own"] as const;
/** What is usual where a language is spoken. */
const USUAL: Record<string, string> = { ja: "kumagaya", ko: "daejeon", en: "kumagaya" };
const SETTLED_MS = 350;

export function RetentionStep() {
  const [starting, setStarting] = useState(false);
  const [lost, setLost] = useState(false);
  async function kept() {
    if (setup.value?.recording) {
      await renew();
      return showNext("retention");
    }
    setStarting(true);
    if (await comeBack((met) => met.state === "ready")) return show("aim");
    setLost(true);
    setStarting(false);
    return undefined;
  }
  if (lost) return <Notice kind="grave">{say("setup.lost")}</Notice>;
  if (starting) return <Busy>{say("setup.starting")}</Busy>;
  return (
    <Page step="retention">
      <p>{say("setup.retention_text")}</p>
      <RetentionForm onKept={kept} />
    </Page>
  );
}

/** The form alone, for the first run and for later. */
export function RetentionForm({ go, onKept }: { go?: string; onKept: () => Promise<void> }) {
  const [policy, setPolicy] = useState(USUAL[setup.value?.language ?? "en"] ?? "kumagaya");
  const [days, setDays] = useState("7");
  const [sizeGib, setSize] = useState("");
  // A camera that records has chosen before: that stands here, until somebody chooses anew.
  const [known, setKnown] = useState(false);
  useEffect(() => {
    const shown = (set: Plan) => {
      if (!set.fixed) return;
      setPolicy(set.policy);
      if (set.policy === "own") setDays(String(Number(set.ceiling_days.toFixed(6))));
    };
    void ask<Plan>("/api/setup/plan").then(shown, () => {}).finally(() => setKnown(true));
  }, []);
  const { plan, refused, asking } = usePlan(policy, days, sizeGib);
  async function keep(given: Given) {
    await tell("/api/setup/retention", choice(policy, days, given["size_gib"] ?? sizeGib), "PUT");
    await onKept();
  }
  if (!known) return <Busy>{say("setup.planning")}</Busy>;
  return (
    <Form id="setup-retention-form" go={plan && !plan.fixed ? say("setup.retention_go") : (go ?? say("setup.go_on"))} going={say("setup.retention_going")} onGive={keep}>
      <div class="setup-choices" role="radiogroup" aria-label={say("setup.title.retention")}>
        {POLICIES.map((known) => (
          <label key={known} class="setup-choice">
            <input type="radio" name="policy" value={known} checked={known === policy} onChange={() => setPolicy(known)} />
            <span>
              <strong>{say(`policy.${known}`)}</strong>
              <small>{say(`policy.${known}_text`)}</small>
            </span>
          </label>
        ))}
      </div>
      {policy === "own" && (
        <Field id="setup-days" name="days" label={say("setup.days")} type="number" inputMode="decimal" min={0.01} max={366} step="any" required value={days} onInput={(event) => setDays(event.currentTarget.value)} />
      )}
      {plan && !plan.fixed && !plan.partition && (
        <Field
          id="setup-size"
          name="size_gib"
          label={say("setup.size")}
          hint={plan.most_gib >= plan.size_gib ? say("setup.size_hint", { n: number(plan.most_gib) }) : undefined}
          type="number"
          inputMode="decimal"
          min={0.0156}
          max={65_536}
          step="any"
          placeholder={String(plan.size_gib)}
          value={sizeGib}
          onInput={(event) => setSize(event.currentTarget.value)}
        />
      )}
      <div id="setup-plan" class="setup-plan" aria-live="polite" aria-busy={asking}>
        {plan && <Told plan={plan} />}
        {!plan && !refused && <Busy>{say("setup.planning")}</Busy>}
        {refused && <p class="refusal">{refused}</p>}
      </div>
    </Form>
  );
}

function Told({ plan }: { plan: Plan }) {
  const days = (n: number) => (n < 1 ? say("hours", { n: number(n * 24) }) : say("days", { n: number(n) }));
  if (!plan.picked)
    return (
      <Notice id="setup-too-small" kind="grave">
        <p>{say("setup.too_small", { size: number(plan.size_gib), days: days(plan.floor_days), least: number(plan.least_gib), most: days(plan.most_days) })}</p>
      </Notice>
    );
  const { picked } = plan;
  return (
    <dl class="tiles">
      <div>
        <dt>{say("plan.room")}</dt>
        <dd id="setup-plan-days">{days(Math.min(picked.days, plan.ceiling_days))}</dd>
      </div>
      <div>
        <dt>{say("plan.promised")}</dt>
        <dd>{days(plan.floor_days)}</dd>
      </div>
      <div>
        <dt>{say("plan.picture")}</dt>
        <dd>
          {say("plan.fps", { n: number(picked.fps) })} <small>{say(`quality.${picked.quality}`)}</small>
        </dd>
      </div>
      <div>
        <dt>{say("plan.size")}</dt>
        <dd>{number(plan.size_gib, { maximumFractionDigits: 2 })} GiB</dd>
      </div>
      {picked.verdict === "squeezed" && (
        <div class="wide">
          <dt class="unseen">{say("plan.note")}</dt>
          <dd class="hint">{say("plan.squeezed")}</dd>
        </div>
      )}
    </dl>
  );
}

function choice(policy: string, days: string, size: string) {
  return { policy, days: policy === "own" ? Number(days) || 1 : 14, size_gib: Number(size) || 0 };
}

/** What a choice comes to, asked again when it has been left alone for a moment. */
function usePlan(policy: string, days: string, size: string): { plan: Plan | null; refused: string; asking: boolean } {
  const [plan, setPlan] = useState<Plan | null>(null);
  const [refused, setRefused] = useState("");
  const [asking, setAsking] = useState(true);
  const newest = useRef(0);
  useEffect(() => {
    const mine = ++newest.current;
    setAsking(true);
    const timer = setTimeout(() => {
      tell<Plan>("/api/setup/plan", choice(policy, days, size)).then(
        (told) => mine === newest.current && (setPlan(told), setRefused(""), setAsking(false)),
        (error: unknown) => mine === newest.current && (setPlan(null), setRefused(error instanceof Refusal ? sentence(error) : say("broken")), setAsking(false)),
      );
    }, SETTLED_MS);
    return () => clearTimeout(timer);
  }, [policy, days, size]);
  return { plan, refused, asking };
}
