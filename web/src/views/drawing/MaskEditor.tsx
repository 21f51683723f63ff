// Masks: drawn, looked at as they will be recorded, proposed, confirmed and locked.
import { useState } from "preact/hooks";
import { tell } from "../../camera/http";
import { Refusal, sentence } from "../../camera/refusal";
import type { Visitor } from "../../camera/signedin";
import { masks } from "../../camera/told";
import * as e from "../../drawing/editor";
import { drawingOf, shapeAt, sheetOfDrawing } from "../../drawing/maskdrawing";
import { mistakesIn } from "../../drawing/mistakes";
import { withMargin } from "../../drawing/sheet";
import { announce } from "../../pieces/Announcer";
import { Button } from "../../pieces/Button";
import { Notice } from "../../pieces/Notice";
import { dayAndTime, number, say } from "../../words/words";
import type { Draft } from "./answers";
import { choose, mayGive, useBench } from "./bench";
import { Board } from "./board";
import { Deciding, type Act } from "./Deciding";
import { Awaited } from "./Standing";
import { useCover } from "./cover";
import type { Begins } from "./Tools";
import { Workbench } from "./Workbench";

export const maskBoard = new Board<Draft>({
  path: "/api/masks/draft",
  key: "edgecam.masks",
  sheetOf: (answer) => sheetOfDrawing(answer.drawing),
  bodyOf: (sheet, answer) => ({ drawing: drawingOf(sheet, answer.picture ?? answer.drawing.picture) }),
});

const count = (sort: string) => 1 + e.sheetOf(maskBoard.held.value.editor).shapes.filter((shape) => shape.sort === sort).length;
const BEGINS: readonly Begins[] = [
  { sort: "mask", icon: "outline", word: "mask", name: () => say("mask_name", { n: count("mask") }) },
  { sort: "own", icon: "property", word: "own", name: () => say("own_name", { n: count("own") }) },
];

export function MaskEditor({ who }: { who: Visitor }) {
  const { bench, isInstalling, viewer } = useBench(maskBoard, who);
  const [plain, setPlain] = useState(false);
  const [bare, setBare] = useState(true);
  const [busy, setBusy] = useState("");
  const [deciding, setDeciding] = useState<Act | null>(null);
  const [seen, setSeen] = useState(0);
  const { answer, editor, failure } = bench;
  const sheet = e.sheetOf(editor);
  const drawing = answer ? drawingOf(sheet, answer.picture ?? answer.drawing.picture) : null;
  const mistakes = mistakesIn(sheet);
  const cover = useCover(plain && mistakes.length === 0 ? drawing : null);

  if (!answer || !drawing) return <Awaited failure={failure} />;
  const fixed = answer.state === "proposed" || bench.theirs !== null;
  const aspect = seen || (answer.picture ? answer.picture.width / answer.picture.height : 16 / 9);
  const blamed = failure instanceof Refusal && failure.field ? shapeAt(sheet, failure.field) : undefined;
  const refused = blamed ? { id: blamed.id, words: sentence(failure) } : null;
  const open = maskBoard.isOpen;
  const samePerson = answer.two_people && answer.proposed?.by === who.name;

  async function run(name: string, deed: () => Promise<boolean>, done: string) {
    setBusy(name);
    if (await deed()) announce(say(done));
    const { failure: why, editor: now } = maskBoard.held.value;
    const wrong = why instanceof Refusal && why.field ? shapeAt(e.sheetOf(now), why.field) : undefined;
    if (wrong) choose(maskBoard, wrong.id);
    setBusy("");
    void masks.renew();
  }

  const save = () => mayGive(maskBoard) && void run("save", () => maskBoard.save(), "draft_saved");
  const propose = () => mayGive(maskBoard) && void run("propose", async () => (await maskBoard.save()) && maskBoard.act(() => tell<Draft>("/api/masks/propose", { tag: maskBoard.held.value.answer?.tag })), "proposal_made");

  return (
    <>
      <Workbench
        board={maskBoard}
        bench={bench}
        told={refused !== null}
        notices={
          <>
            {answer.trouble && <Notice kind="grave">{answer.trouble}</Notice>}
            {!answer.fits && <Notice kind="grave">{say("other_shape")}</Notice>}
          </>
        }
        begins={BEGINS}
        fixed={fixed}
        viewer={viewer}
        backdrop={isInstalling && bare ? (plain ? "recorded" : "unmasked") : "masked"}
        drawing={drawing}
        cover={plain && !(isInstalling && bare) ? cover.cover : null}
        plain={plain}
        aspect={aspect}
        onAspect={setSeen}
        refused={refused}
        empty="no_outlines"
        over={
          <div class="draw-head">
            <p id="mask-state" class={`draw-state ${answer.state}`} role="status">
              {say(`mask_state.${answer.state}`, { n: answer.version, by: answer.proposed?.by ?? "", time: answer.proposed ? dayAndTime(answer.proposed.at_ms) : "" })}
              {open && ` ${say("not_saved")}`}
            </p>
            <div class="choices" role="group" aria-label={say("looking_at")}>
              {isInstalling && (
                <button id="bare" type="button" aria-pressed={bare} onClick={() => setBare(!bare)}>
                  {say("without_masks")}
                </button>
              )}
              <button id="as-recorded" type="button" aria-pressed={plain} onClick={() => setPlain(!plain)}>
                {say("as_recorded")}
              </button>
            </div>
          </div>
        }
        under={
          plain && (
            <p id="cover-words" class="hint" role="status">
              {mistakes.length > 0 ? say("mend_first") : cover.cover ? say("would_hide", { n: number(cover.cover.share, { style: "percent", maximumFractionDigits: 1 }) }) : say(cover.failed ? "unreachable" : "loading")}
            </p>
          )
        }
        after={
          <>
            <label class="draw-margin">
              <span>{say("margin", { n: number(sheet.margin, { style: "percent", maximumFractionDigits: 1 }) })}</span>
              <input id="margin" type="range" min={0} max={0.1} step={0.005} value={sheet.margin} disabled={fixed} onChange={(event) => maskBoard.edit(e.edited(editor, withMargin(sheet, event.currentTarget.valueAsNumber)))} />
            </label>
            {sheet.shapes.some(({ sort }) => sort === "own") && <p class="hint">{say("own_means")}</p>}
            <div class="actions">
              {answer.state !== "proposed" && (
                <>
                  <Button id="mask-save" busy={busy === "save"} disabled={!open || fixed} onPress={save}>
                    {say("save_draft")}
                  </Button>
                  <Button id="mask-propose" kind="main" busy={busy === "propose"} disabled={fixed || (!open && answer.state !== "draft")} onPress={propose}>
                    {say("propose")}
                  </Button>
                </>
              )}
              {answer.may.includes("withdraw") && (
                <Button id="mask-withdraw" onPress={() => setDeciding("withdraw")}>
                  {say("withdraw")}
                </Button>
              )}
              {answer.may.includes("confirm") && (
                <Button id="mask-confirm" kind="main" disabled={samePerson} onPress={() => setDeciding("confirm")}>
                  {say("confirm_masks")}
                </Button>
              )}
              {answer.may.includes("lock") && !open && (
                <Button id="mask-lock" onPress={() => setDeciding("lock")}>
                  {say("lock_masks")}
                </Button>
              )}
            </div>
            {answer.state === "proposed" && who.role !== "owner" && <p class="hint">{say("owner_confirms")}</p>}
            {samePerson && <p class="hint">{say("another_confirms")}</p>}
          </>
        }
      />
      {deciding && (
        <Deciding
          act={deciding}
          draft={answer}
          who={who}
          aspect={aspect}
          onDone={() => {
            announce(say(`mask_act.${deciding}.done`));
            setDeciding(null);
            void masks.renew();
          }}
          onClose={() => setDeciding(null)}
        />
      )}
    </>
  );
}
