// Zones and lines, and what is to be noticed there.
import { useState } from "preact/hooks";
import { Refusal, sentence } from "../../camera/refusal";
import type { Visitor } from "../../camera/signedin";
import * as e from "../../drawing/editor";
import { shapeAt } from "../../drawing/maskdrawing";
import { kindsAt, ruleAdded, rulesInOrder, sheetOfTables, tablesOf } from "../../drawing/ruletables";
import type { PlacedRule, Shape, Sheet } from "../../drawing/sheet";
import { announce } from "../../pieces/Announcer";
import { Button } from "../../pieces/Button";
import { Notice } from "../../pieces/Notice";
import { say } from "../../words/words";
import type { Rules } from "./answers";
import { choose, mayGive, useBench } from "./bench";
import { Board } from "./board";
import { RuleForm } from "./RuleForm";
import { Awaited } from "./Standing";
import type { Begins } from "./Tools";
import { Workbench } from "./Workbench";

export const ruleBoard = new Board<Rules>({
  path: "/api/rules",
  key: "edgecam.rules",
  sheetOf: (answer) => sheetOfTables(answer),
  bodyOf: (sheet) => tablesOf(sheet),
});

/** A name that no zone or line has. */
function free(word: string): string {
  const names = new Set(e.sheetOf(ruleBoard.held.value.editor).shapes.map(({ name }) => name));
  for (let n = 1; ; n++) if (!names.has(say(word, { n }))) return say(word, { n });
}

const BEGINS: readonly Begins[] = [
  { sort: "zone", icon: "zone", word: "zone", name: () => free("zone_name") },
  { sort: "line", icon: "line", word: "line", name: () => free("line_name") },
];

export function RuleEditor({ who }: { who: Visitor }) {
  const { bench, viewer } = useBench(ruleBoard, who);
  const [busy, setBusy] = useState(false);
  const [seen, setSeen] = useState(16 / 9);
  const { answer, editor, failure } = bench;

  if (!answer) return <Awaited failure={failure} />;
  const sheet = e.sheetOf(editor);
  const fixed = bench.theirs !== null;
  const blamed = blame(sheet, failure);
  const words = blamed ? sentence(failure) : "";

  async function save() {
    if (!mayGive(ruleBoard)) return;
    setBusy(true);
    if (await ruleBoard.save()) announce(say("rules_saved"));
    const { editor: now, failure: why } = ruleBoard.held.value;
    const wrong = blame(e.sheetOf(now), why);
    const place = wrong?.shape?.id ?? wrong?.rule?.place;
    if (place != null) choose(ruleBoard, place);
    setBusy(false);
  }

  const change = (next: Sheet) => ruleBoard.edit(e.edited(ruleBoard.held.value.editor, next));
  const rulesAt = (shape: Shape | null) => {
    const kinds = kindsAt(answer.kinds, shape?.sort ?? null);
    const held = rulesInOrder(sheet).filter(({ place }) => place === (shape?.id ?? null));
    return (
      <div class="rules">
        {held.length === 0 && shape && <p class="hint">{say("no_rules")}</p>}
        {held.map((rule) => (
          <RuleForm key={rule.key} rule={rule} kinds={kinds} sort={shape?.sort ?? null} answer={answer} sheet={sheet} onSheet={change} fixed={fixed} refused={blamed?.rule?.key === rule.key ? { field: blamed.field, words } : null} />
        ))}
        {!fixed && (
          <Button id={shape ? undefined : "rule-add-everywhere"} onPress={() => change(ruleAdded(sheet, shape?.id ?? null, kinds[0]?.kind ?? "intrusion"))}>
            {say("add_rule")}
          </Button>
        )}
      </div>
    );
  };

  return (
    <Workbench
      board={ruleBoard}
      bench={bench}
      told={blamed !== null}
      notices={answer.wrong.map((sentence) => (
        <Notice key={sentence} kind="grave">
          {sentence}
        </Notice>
      ))}
      begins={BEGINS}
      fixed={fixed}
      viewer={viewer}
      backdrop="masked"
      aspect={seen}
      onAspect={setSeen}
      refused={blamed?.shape ? { id: blamed.shape.id, words } : null}
      empty="no_zones"
      more={rulesAt}
      over={
        <p id="rule-state" class="draw-state" role="status">
          {say("rules_in_force", { n: answer.rule.length })}
          {ruleBoard.isOpen && ` ${say("not_saved")}`}
        </p>
      }
      after={
        <>
          <details class="draw-everywhere" open={rulesInOrder(sheet).some(({ place }) => place === null)}>
            <summary>{say("whole_picture")}</summary>
            {rulesAt(null)}
          </details>
          <p class="hint">{say("zones_and_masks")}</p>
          <div class="actions">
            <Button id="rules-save" kind="main" busy={busy} disabled={!ruleBoard.isOpen || fixed} onPress={() => void save()}>
              {say("save_rules")}
            </Button>
          </div>
        </>
      }
    />
  );
}

/** What the camera's refusal is about: `zone.0.polygon`, `line.1.name` or `rule.2.dwell_s`. */
function blame(sheet: Sheet, failure: unknown): { shape: Shape | undefined; rule: PlacedRule | undefined; field: string } | null {
  if (!(failure instanceof Refusal) || !failure.field) return null;
  const [list, index, field = ""] = failure.field.split(".");
  const rule = list === "rule" ? rulesInOrder(sheet)[Number(index)] : undefined;
  const shape = list === "rule" ? undefined : shapeAt(sheet, failure.field);
  return rule || shape ? { shape, rule, field } : null;
}
