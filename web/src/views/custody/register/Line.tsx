// One line of the register in plain words: the act, who, when, which footage, and what the forms ask for.
import type { RegisterLineShown } from "../../../camera/answers";
import { link } from "../../../route";
import { dayAndTime, say, sayOr } from "../../../words/words";
import { spanWords } from "../wording";

/** What the forms ask for; it is shown at once, in this order. */
const ASKED_FOR = ["case", "step", "affiliation", "use", "legal_basis", "recipient", "form", "found", "viewers", "file", "reason", "outcome", "remarks"];

/** A line that tells how an act ended repeats what its act said. */
const OF_OUTCOME = ["outcome", "reason"];

export function Line({ line }: { line: RegisterLineShown }) {
  const act = say(`act.${line.act}`);
  const told = Object.entries(line.detail);
  const outcome = line.completes !== null;
  const shown = (outcome ? OF_OUTCOME : ASKED_FOR).flatMap((name) => (line.detail[name] ? [[name, line.detail[name]] as const] : []));
  const more = told.filter(([name]) => !shown.some(([known]) => known === name));
  return (
    <li>
      <p>
        <strong>{outcome ? say("log.completed", { act, n: line.completes ?? 0 }) : act}</strong>
        <span class="hint">{` · ${line.who}`}</span>
      </p>
      <p class="hint">
        <time dateTime={new Date(line.at_ms).toISOString()}>{dayAndTime(line.at_ms)}</time>
        {` · ${say("log.line", { n: line.sequence })}`}
        {line.trust === 0 && ` · ${say("register.clock_unset")}`}
      </p>
      {line.purpose && !outcome && <p>{line.purpose}</p>}
      {line.from_ms !== null && line.to_ms !== null && <p class="hint">{say("register.footage", { span: spanWords(line.from_ms, line.to_ms) })}</p>}
      {shown.length > 0 && <Pairs pairs={shown} />}
      {more.length > 0 && (
        <details>
          <summary>{say("log.detail")}</summary>
          <Pairs pairs={more} />
        </details>
      )}
    </li>
  );
}

function Pairs({ pairs }: { pairs: readonly (readonly [string, string])[] }) {
  return (
    <dl class="pairs">
      {pairs.map(([name, value]) => (
        <div key={name}>
          <dt>{sayOr(`detail.${name}`, name)}</dt>
          <dd>{name === "case" ? <a href={link("/custody", { case: value })}>{value}</a> : wordsOf(name, value)}</dd>
        </div>
      ))}
    </dl>
  );
}

/** Stable names in words; all else as somebody wrote it. */
function wordsOf(name: string, value: string): string {
  if (name === "step") return sayOr(`detail.step.${value}`, value);
  if (name === "use") return sayOr(`use.${value}`, value);
  if (name === "form") return sayOr(`want.${value}`, value);
  if (name === "outcome") return sayOr(`outcome.${value}`, value);
  if (name === "found") return sayOr(`found.${value}`, value);
  return value;
}
