// Everything that is drawn, as a list: the same work without a picture, point by point.
import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef } from "preact/hooks";
import * as e from "../../drawing/editor";
import type { Mistake } from "../../drawing/mistakes";
import { within } from "../../drawing/outline";
import { described, fewest, pointDeleted, pointInserted, pointMoved, reversed, type Reason, type Shape } from "../../drawing/sheet";
import { Button } from "../../pieces/Button";
import { Empty } from "../../pieces/Empty";
import { say } from "../../words/words";
import { pointWords } from "./Stage";

const REASONS: readonly Reason[] = ["neighbour", "public_road", "other"];

interface ListProps {
  editor: e.Editor;
  onEdit: (editor: e.Editor) => void;
  mistakes: readonly Mistake[];
  /** What the camera said is wrong with a shape. */
  refused: { id: number; words: string } | null;
  fixed: boolean;
  empty: string;
  /** What else belongs to a shape. */
  more?: (shape: Shape) => ComponentChildren;
}

export function ShapeList({ editor, onEdit, mistakes, refused, fixed, empty, more }: ListProps) {
  const { shapes } = e.sheetOf(editor);
  if (shapes.length === 0) return <Empty>{say(empty)}</Empty>;
  return (
    <ul class="draw-list">
      {shapes.map((shape) => (
        <Item
          key={shape.id}
          shape={shape}
          chosen={editor.selection?.id === shape.id}
          editor={editor}
          onEdit={onEdit}
          fixed={fixed}
          wrong={[
            ...mistakes.filter((mistake) => mistake.id === shape.id).map((mistake) => say(`mistake.${mistake.code}`)),
            ...(refused?.id === shape.id ? [refused.words] : []),
          ]}
        >
          {more?.(shape)}
        </Item>
      ))}
    </ul>
  );
}

interface ItemProps {
  shape: Shape;
  chosen: boolean;
  editor: e.Editor;
  onEdit: (editor: e.Editor) => void;
  fixed: boolean;
  wrong: string[];
  children: ComponentChildren;
}

function Item({ shape, chosen, editor, onEdit, fixed, wrong, children }: ItemProps) {
  const body = useId();
  const item = useRef<HTMLLIElement>(null);
  const what = shape.sort === "mask" ? say(`reason.${shape.reason}`) : say(`sort.${shape.sort}`);
  useEffect(() => {
    if (chosen && wrong.length > 0) item.current?.scrollIntoView({ block: "nearest" });
  }, [chosen, wrong.length]);
  return (
    <li ref={item} class={`draw-item ${shape.sort}${chosen ? " chosen" : ""}`} data-shape={shape.id}>
      <button type="button" class="draw-item-head" aria-expanded={chosen} aria-controls={body} onClick={() => onEdit(e.selected(editor, chosen ? null : shape.id))}>
        <i class={`swatch ${shape.sort}`} aria-hidden="true" />
        <span class="kind">{shape.name || say("nameless")}</span>
        <small>{what}</small>
      </button>
      {wrong.map((words) => (
        <p key={words} class="refusal" role="alert">
          {words}
        </p>
      ))}
      <div id={body} hidden={!chosen}>
        {chosen && (
          <>
            <About shape={shape} editor={editor} onEdit={onEdit} fixed={fixed} wrong={wrong.length > 0} />
            {children}
          </>
        )}
      </div>
    </li>
  );
}

interface AboutProps {
  shape: Shape;
  editor: e.Editor;
  onEdit: (editor: e.Editor) => void;
  fixed: boolean;
  wrong: boolean;
}

function About({ shape, editor, onEdit, fixed, wrong }: AboutProps) {
  const [name, reason] = [useId(), useId()];
  const typing = useRef(false);
  const sheet = e.sheetOf(editor);
  function type(letters: string) {
    onEdit(e.typed(editor, described(sheet, shape.id, { name: letters }), !typing.current));
    typing.current = true;
  }
  return (
    <div class="draw-about">
      <div class="field">
        <label for={name}>{say("outline_name")}</label>
        <input id={name} value={shape.name} maxLength={80} disabled={fixed} aria-invalid={wrong || undefined} onFocus={() => (typing.current = false)} onInput={(event) => type(event.currentTarget.value)} />
      </div>
      {shape.sort === "mask" && (
        <div class="field">
          <label for={reason}>{say("outline_reason")}</label>
          <select id={reason} value={shape.reason} disabled={fixed} onChange={(event) => onEdit(e.edited(editor, described(sheet, shape.id, { reason: event.currentTarget.value as Reason })))}>
            {REASONS.map((one) => (
              <option key={one} value={one} selected={one === shape.reason}>
                {say(`reason.${one}`)}
              </option>
            ))}
          </select>
        </div>
      )}
      <details class="draw-points">
        <summary>{say("points", { n: shape.points.length })}</summary>
        <ol>
          {shape.points.map((point, i) => (
            <li key={i}>
              <fieldset disabled={fixed}>
                <legend class="unseen">{pointWords(shape, i)}</legend>
                <Share word="across" value={point[0]} onShare={(x) => onEdit(e.edited(editor, pointMoved(sheet, shape.id, i, [x, point[1]])))} />
                <Share word="down" value={point[1]} onShare={(y) => onEdit(e.edited(editor, pointMoved(sheet, shape.id, i, [point[0], y])))} />
                <button type="button" class="draw-small" aria-label={say("insert_after", { n: i + 1 })} onClick={() => onEdit(e.edited(editor, pointInserted(sheet, shape.id, i), { id: shape.id, index: i + 1 }))}>
                  ＋
                </button>
                <button
                  type="button"
                  class="draw-small"
                  aria-label={say("delete_point", { n: i + 1 })}
                  disabled={shape.points.length <= fewest(shape.sort)}
                  onClick={() => onEdit(e.edited(editor, pointDeleted(sheet, shape.id, i)))}
                >
                  ✕
                </button>
              </fieldset>
            </li>
          ))}
        </ol>
      </details>
      {!fixed && (
        <div class="actions">
          {shape.sort === "line" && <Button onPress={() => onEdit(e.edited(editor, reversed(sheet, shape.id)))}>{say("turn_line")}</Button>}
          <Button onPress={() => onEdit(e.shapeRemoved(editor, shape.id))}>{say("remove_outline")}</Button>
        </div>
      )}
    </div>
  );
}

interface ShareProps {
  word: "across" | "down";
  value: number;
  onShare: (value: number) => void;
}

/** A share of the picture, in per cent. */
function Share({ word, value, onShare }: ShareProps) {
  const take = (input: HTMLInputElement) => {
    if (input.value !== "" && Number.isFinite(input.valueAsNumber)) onShare(within(input.valueAsNumber / 100));
    else input.value = String(Math.round(value * 1000) / 10);
  };
  return (
    <label>
      <span>{say(word)}</span>
      <input type="number" inputMode="decimal" min={0} max={100} step={0.1} value={Math.round(value * 1000) / 10} onChange={(event) => take(event.currentTarget)} />
      <span aria-hidden="true">%</span>
    </label>
  );
}
