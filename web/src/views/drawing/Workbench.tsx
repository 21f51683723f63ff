// Picture, tools and list together: masks and zones are drawn in the same way.
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import * as e from "../../drawing/editor";
import type { Drawing } from "../../drawing/maskdrawing";
import { mistakesIn } from "../../drawing/mistakes";
import type { Shape } from "../../drawing/sheet";
import { whole } from "../../drawing/viewport";
import { say } from "../../words/words";
import type { Cover } from "./answers";
import type { Bench, Board } from "./board";
import { Backdrop, type Sort } from "./Backdrop";
import { ShapeList } from "./ShapeList";
import { Stage } from "./Stage";
import { Standing } from "./Standing";
import { Tools, type Begins } from "./Tools";

interface WorkbenchProps<A extends { tag: string }> {
  board: Board<A>;
  bench: Bench<A>;
  /** The refusal is said at what it is about. */
  told: boolean;
  /** What is wrong with what the camera has. */
  notices?: ComponentChildren;
  begins: readonly Begins[];
  fixed: boolean;
  viewer: string;
  backdrop: Sort;
  /** What "recorded" is burnt with. */
  drawing?: Drawing | null;
  cover?: Cover | null;
  plain?: boolean;
  aspect: number;
  onAspect: (aspect: number) => void;
  refused: { id: number; words: string } | null;
  empty: string;
  /** Over the picture, beneath the tools, and beneath the list. */
  over?: ComponentChildren;
  under?: ComponentChildren;
  after?: ComponentChildren;
  more?: (shape: Shape) => ComponentChildren;
}

export function Workbench<A extends { tag: string }>(props: WorkbenchProps<A>) {
  const { board, bench, fixed, aspect } = props;
  const { editor } = bench;
  const onEdit = (next: e.Editor) => board.edit(next);
  const [view, setView] = useState(() => whole(640, 360));
  const mistakes = mistakesIn(e.sheetOf(editor));
  const wrong = new Set(mistakes.flatMap(({ id }) => (id === null ? [] : [id])));
  if (props.refused) wrong.add(props.refused.id);
  return (
    <>
      <Standing board={board} bench={bench} told={props.told} />
      {props.notices}
      <div class="draw-bench">
        <div class="draw-board">
          {props.over}
          <figure class="picture draw-pane" ref={(pane) => pane?.style.setProperty("--aspect", String(aspect))}>
            <Stage editor={editor} onEdit={onEdit} view={view} onView={setView} fixed={fixed} cover={props.cover ?? null} plain={props.plain ?? false} wrong={wrong} aspect={aspect}>
              <Backdrop sort={props.backdrop} view={view} viewer={props.viewer} drawing={props.drawing ?? null} onAspect={props.onAspect} />
            </Stage>
          </figure>
          <Tools editor={editor} onEdit={onEdit} view={view} onView={setView} begins={props.begins} fixed={fixed || (props.plain ?? false)} />
          {editor.pending && <p class="hint">{say(editor.pending.sort === "line" ? "draw_line_how" : "draw_how")}</p>}
          {props.under}
        </div>
        <div class="draw-side">
          {mistakes.some(({ id }) => id === null) && (
            <p class="refusal" role="alert">
              {say(`mistake.${mistakes.find(({ id }) => id === null)?.code ?? "many_points"}`)}
            </p>
          )}
          <ShapeList editor={editor} onEdit={onEdit} mistakes={mistakes} refused={props.refused} fixed={fixed} empty={props.empty} {...(props.more ? { more: props.more } : {})} />
          {props.after}
        </div>
      </div>
    </>
  );
}
