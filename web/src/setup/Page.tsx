// One thing a screen: where one is in the first run, what it is about, and the way on and back.
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { status } from "../camera/told";
import { useWatched } from "../camera/watched";
import { Button } from "../pieces/Button";
import { say } from "../words/words";
import { endSight, setup, show, showNext, STEPS, type StepName } from "./told";

interface PageProps {
  step: StepName;
  /** The way on, where it is not a form's button. */
  go?: string;
  onGo?: () => void;
  /** What the way past this step says, where it may be left open. */
  later?: string;
  children: ComponentChildren;
}

export function Page({ step, go, onGo, later, children }: PageProps) {
  const heading = useRef<HTMLHeadingElement>(null);
  const number = STEPS.indexOf(step) + 1;
  const sees = useWatched(status).answer?.installer?.place === "installer";
  useEffect(() => {
    if (sees && number > STEPS.indexOf("masks") + 1) void endSight();
  }, [sees, number]);
  useEffect(() => {
    document.title = `${say(`setup.title.${step}`)} · edgecam`;
    scrollTo(0, 0);
    heading.current?.focus({ preventScroll: true });
  }, [step]);
  const before = STEPS[number - 2];
  return (
    <section class="setup-page" id={`setup-${step}`} aria-labelledby="setup-heading">
      <div class="setup-head">
        {before && (
          <button type="button" id="setup-back" class="plain setup-back" onClick={() => show(before)}>
            <svg class="icon" viewBox="0 0 24 24" aria-hidden="true">
              <path d="M15 5l-7 7 7 7" />
            </svg>
            <span>{say("setup.back")}</span>
          </button>
        )}
        <p class="hint setup-count">{say("setup.step", { n: number, of: STEPS.length })}</p>
      </div>
      <Progress at={number} />
      <h1 id="setup-heading" ref={heading} tabIndex={-1}>
        {say(`setup.title.${step}`)}
      </h1>
      {children}
      {(go || later) && (
        <div class="actions setup-actions">
          {later && (
            <Button id="setup-later" onPress={() => showNext(step)}>
              {later}
            </Button>
          )}
          {go && onGo && (
            <Button id="setup-go" kind="main" onPress={onGo}>
              {go}
            </Button>
          )}
        </div>
      )}
    </section>
  );
}

function Progress({ at }: { at: number }) {
  const steps = setup.value?.steps;
  return (
    <ol class="setup-progress" aria-hidden="true">
      {STEPS.map((step, index) => (
        <li key={step} data-state={steps?.[step] ?? "later"} data-now={index + 1 === at ? "" : undefined} />
      ))}
    </ol>
  );
}
