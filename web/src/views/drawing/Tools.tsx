// The tools beside the picture: begin an outline, take back, look closer, points.
import * as e from "../../drawing/editor";
import { fewest, shapeOf, type Sort } from "../../drawing/sheet";
import * as v from "../../drawing/viewport";
import { announce } from "../../pieces/Announcer";
import { say } from "../../words/words";
import { ToolIcon, type ToolName } from "./icons";

export interface Begins {
  sort: Sort;
  icon: ToolName;
  word: string;
  /** The name that its outline begins with. */
  name: () => string;
}

interface ToolsProps {
  editor: e.Editor;
  onEdit: (editor: e.Editor) => void;
  view: v.Viewport;
  onView: (view: v.Viewport) => void;
  begins: readonly Begins[];
  fixed: boolean;
}

export function Tools({ editor, onEdit, view, onView, begins, fixed }: ToolsProps) {
  const { pending, selection } = editor;
  const shape = selection && shapeOf(e.sheetOf(editor), selection.id);
  const middle = v.toPicture(view, view.width / 2, view.height / 2);

  function begin({ sort, name }: Begins) {
    const next = e.began(editor, sort, name(), middle);
    onEdit(next);
    announce(say(next.pending ? (sort === "line" ? "draw_line_how" : "draw_how") : "no_room"));
    // Whoever drew with the keyboard goes on with it on the picture.
    if (next.pending) document.querySelector<HTMLElement>(".draw-stage")?.focus({ preventScroll: true });
  }

  return (
    <div class="draw-tools" role="toolbar" aria-label={say("tools")}>
      {!fixed && !pending && begins.map((one) => <Tool key={one.sort} id={`begin-${one.sort}`} icon={one.icon} word={one.word} main onPress={() => begin(one)} />)}
      {!fixed && pending && (
        <>
          <Tool id="draw-finish" icon="done" word="finish" main off={pending.points.length < fewest(pending.sort)} onPress={() => onEdit(e.finished(editor))} />
          <Tool id="draw-cancel" icon="remove" word="cancel_outline" onPress={() => onEdit(e.cancelled(editor))} />
        </>
      )}
      {!fixed && shape && (
        <>
          <Tool id="point-insert" icon="insert" word="insert_point" onPress={() => onEdit(e.pointAdded(editor))} />
          <Tool id="selection-remove" icon="remove" word={selection?.index == null ? "remove_outline" : "remove_point"} onPress={() => onEdit(e.selectionRemoved(editor))} />
        </>
      )}
      {!fixed && (
        <>
          <Tool id="draw-undo" icon="undo" word="undo" off={!e.mayUndo(editor)} onPress={() => onEdit(e.undo(editor))} />
          <Tool id="draw-redo" icon="redo" word="redo" off={!e.mayRedo(editor)} onPress={() => onEdit(e.redo(editor))} />
        </>
      )}
      <Tool id="zoom-closer" icon="closer" word="zoom_closer" off={view.zoom >= v.CLOSEST} onPress={() => onView(v.zoomed(view, 1.6))} />
      <Tool id="zoom-farther" icon="farther" word="zoom_farther" off={view.zoom <= 1} onPress={() => onView(v.zoomed(view, 1 / 1.6))} />
      {view.zoom > 1 && <Tool id="zoom-whole" icon="whole" word="zoom_whole" onPress={() => onView(v.whole(view.width, view.height))} />}
    </div>
  );
}

interface ToolProps {
  id: string;
  icon: ToolName;
  word: string;
  main?: boolean;
  off?: boolean;
  onPress: () => void;
}

function Tool({ id, icon, word, main, off, onPress }: ToolProps) {
  return (
    <button id={id} type="button" class={main ? "draw-tool main" : "draw-tool"} disabled={off} onClick={onPress} title={say(`tool.${word}`)}>
      <ToolIcon name={icon} />
      <span>{say(`tool.${word}`)}</span>
    </button>
  );
}
