// One rule: what is to be noticed, of whom, when, and how sure.
import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";
import { ruleChanged, ruleOfKind, ruleRemoved, type Kind, type Table } from "../../drawing/ruletables";
import type { PlacedRule, Sheet, Sort } from "../../drawing/sheet";
import { Button } from "../../pieces/Button";
import { Check } from "../../pieces/Check";
import { number, say, sayOr } from "../../words/words";
import type { Rules } from "./answers";
import { HoursEditor } from "./HoursEditor";

interface RuleFormProps {
  rule: PlacedRule;
  kinds: readonly Kind[];
  sort: Sort | null;
  answer: Rules;
  sheet: Sheet;
  onSheet: (sheet: Sheet) => void;
  fixed: boolean;
  refused: { field: string; words: string } | null;
}

const RESETS = ["hourly", "daily", "never"] as const;

export function RuleForm({ rule, kinds, sort, answer, sheet, onSheet, fixed, refused }: RuleFormProps) {
  const { table, key } = rule;
  const kind = kinds.find((one) => one.kind === table["kind"]);
  const put = (words: Table) => onSheet(ruleChanged(sheet, key, words));
  const numeric = (name: string, otherwise: number) => (typeof table[name] === "number" ? (table[name] as number) : otherwise);
  const objects = Array.isArray(table["objects"]) ? table["objects"].map(String) : (kind?.usual_objects ?? []);
  const at = (name: string) => (refused?.field === name ? refused.words : "");
  const directions = kind ? directionsOf(kind, sort) : [];
  const title = useId();

  function toggle(object: string, on: boolean) {
    const chosen = (kind?.objects ?? []).filter((one) => (one === object ? on : objects.includes(one)));
    put({ objects: chosen });
  }

  return (
    <section class="rule" aria-labelledby={title}>
      <h3 id={title} class="unseen">
        {sayOr(`kind.${String(table["kind"])}`, String(table["kind"]))}
      </h3>
      {refused && !["kind", "objects", "dwell_s", "timetable", "min_size", "sensitivity", "direction", "count", "reset"].includes(refused.field) && (
        <p class="refusal" role="alert">
          {refused.words}
        </p>
      )}
      <fieldset disabled={fixed}>
        <Row label={say("rule_kind")} wrong={at("kind")}>
          {(id) => (
            <select
              id={id}
              value={String(table["kind"])}
              onChange={(event) => {
                const chosen = kinds.find((one) => one.kind === event.currentTarget.value);
                if (chosen) onSheet(ruleOfKind(sheet, key, chosen));
              }}
            >
              {!kind && <option value={String(table["kind"])}>{String(table["kind"])}</option>}
              {kinds.map((one) => (
                <option key={one.kind} value={one.kind} selected={one.kind === table["kind"]}>
                  {sayOr(`kind.${one.kind}`, one.kind)}
                </option>
              ))}
            </select>
          )}
        </Row>
        {kind && kind.objects.length > 1 && (
          <div class="field" role="group" aria-label={say("rule_objects")}>
            <span class="label">{say("rule_objects")}</span>
            <div class="checks">
              {kind.objects.map((object) => (
                <Check key={object} checked={objects.includes(object)} onChange={(box) => toggle(object, box.checked)}>
                  {sayOr(`kind.${object}`, object)}
                </Check>
              ))}
            </div>
            {(at("objects") || objects.length === 0) && (
              <p class="refusal" role="alert">
                {at("objects") || say("rule_objects_none")}
              </p>
            )}
          </div>
        )}
        {kind && kind.dwell_s !== null && (
          <Row label={say("rule_dwell")} wrong={at("dwell_s")}>
            {(id) => <Figure id={id} value={numeric("dwell_s", kind.dwell_s ?? 0)} min={kind.least_dwell_s} max={86_400} step={1} onFigure={(value) => put({ dwell_s: value })} />}
          </Row>
        )}
        {directions.length > 0 && (
          <Row label={say("rule_direction")} wrong={at("direction")}>
            {(id) => (
              <select id={id} value={String(table["direction"] ?? "any")} onChange={(event) => put({ direction: event.currentTarget.value === "any" ? undefined : event.currentTarget.value })}>
                {["any", ...directions].map((one) => (
                  <option key={one} value={one} selected={one === (table["direction"] ?? "any")}>
                    {say(`which_way.${one}`)}
                  </option>
                ))}
              </select>
            )}
          </Row>
        )}
        {kind?.count && (
          <Row label={say("rule_count")} wrong={at("count")}>
            {(id) => <Figure id={id} value={numeric("count", answer.usual_count)} min={1} max={100} step={1} onFigure={(value) => put({ count: Math.round(value) })} />}
          </Row>
        )}
        {kind?.reset && (
          <Row label={say("rule_reset")} wrong={at("reset")}>
            {(id) => (
              <select id={id} value={String(table["reset"] ?? "hourly")} onChange={(event) => put({ reset: event.currentTarget.value })}>
                {RESETS.map((one) => (
                  <option key={one} value={one} selected={one === (table["reset"] ?? "hourly")}>
                    {say(`reset.${one}`)}
                  </option>
                ))}
              </select>
            )}
          </Row>
        )}
        <HoursEditor entries={Array.isArray(table["timetable"]) ? table["timetable"].map(String) : null} timezone={answer.timezone} wrong={at("timetable")} onEntries={(timetable) => put({ timetable: timetable ?? undefined })} />
        <details>
          <summary>{say("rule_more")}</summary>
          <Row label={say("rule_sensitivity", { n: number(numeric("sensitivity", answer.usual_sensitivity), { style: "percent" }) })} wrong={at("sensitivity")} hint={say("rule_sensitivity_means")}>
            {(id) => <input id={id} type="range" min={0} max={1} step={0.05} value={numeric("sensitivity", answer.usual_sensitivity)} onChange={(event) => put({ sensitivity: event.currentTarget.valueAsNumber })} />}
          </Row>
          <Row label={say("rule_min_size")} wrong={at("min_size")} hint={say("rule_min_size_means")}>
            {(id) => <Figure id={id} value={Math.round(numeric("min_size", 0) * 1000) / 10} min={0} max={100} step={0.5} onFigure={(value) => put({ min_size: value ? value / 100 : undefined })} />}
          </Row>
          <Check checked={table["silenced"] === true} onChange={(box) => put({ silenced: box.checked || undefined })}>
            {say("rule_silenced")}
          </Check>
        </details>
      </fieldset>
      {!fixed && (
        <div class="actions">
          <Button onPress={() => onSheet(ruleRemoved(sheet, key))}>{say("remove_rule")}</Button>
        </div>
      )}
    </section>
  );
}

/** Through a zone nobody goes from left to right, and only a door has an in and an out. */
function directionsOf(kind: Kind, sort: Sort | null): string[] {
  if (kind.directions.length === 0) return [];
  const through = kind.kind === "doorway" ? ["in", "out"] : [];
  return sort === "line" ? [...kind.directions, ...through] : through;
}

interface RowProps {
  label: string;
  wrong: string;
  hint?: string;
  children: (id: string) => ComponentChildren;
}

function Row({ label, wrong, hint, children }: RowProps) {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {children(id)}
      {hint && <p class="hint">{hint}</p>}
      {wrong && (
        <p class="refusal" role="alert">
          {wrong}
        </p>
      )}
    </div>
  );
}

interface FigureProps {
  id: string;
  value: number;
  min: number;
  max: number;
  step: number;
  onFigure: (value: number) => void;
}

/** A number that is not left empty, nor out of its range. */
function Figure({ id, value, min, max, step, onFigure }: FigureProps) {
  const take = (input: HTMLInputElement) => {
    const typed = input.valueAsNumber;
    if (Number.isFinite(typed)) onFigure(Math.min(max, Math.max(min, typed)));
    input.value = String(Number.isFinite(typed) ? Math.min(max, Math.max(min, typed)) : value);
  };
  return <input id={id} type="number" inputMode="decimal" value={value} min={min} max={max} step={step} onChange={(event) => take(event.currentTarget)} />;
}
