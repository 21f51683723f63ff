// The picture with everything drawn on it, by touch, mouse and keyboard.
import type { ComponentChildren } from "preact";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import * as e from "../../drawing/editor";
import { edgeMiddles, hitAt, type Hit } from "../../drawing/hit";
import { pressed } from "../../drawing/keys";
import { middle, type Point } from "../../drawing/outline";
import { isClosed, shapeOf, type Shape } from "../../drawing/sheet";
import * as v from "../../drawing/viewport";
import { announce } from "../../pieces/Announcer";
import { number, say } from "../../words/words";
import type { Cover } from "./answers";

const FINGER_PX = 24;
const MOUSE_PX = 10;
const SNAP_PX = 10;
const DRAG_PX = 6;
const HANDLE_PX = 7;

interface StageProps {
  editor: e.Editor;
  onEdit: (editor: e.Editor) => void;
  view: v.Viewport;
  onView: (view: v.Viewport) => void;
  /** Nothing may be changed. */
  fixed: boolean;
  /** What would be filled; drawn as it would be, in place of outlines. */
  cover: Cover | null;
  /** Without outlines, as it will be recorded. */
  plain: boolean;
  wrong: ReadonlySet<number>;
  aspect: number;
  children: ComponentChildren;
}

type Hold =
  | { doing: "press"; hit: Hit | null; from: Point }
  | { doing: "drag"; grip: e.Grip; moved: boolean }
  | { doing: "pan" }
  | { doing: "box"; from: Point; to: Point }
  | { doing: "pinch" };

export function Stage({ editor, onEdit, view, onView, fixed, cover, plain, wrong, aspect, children }: StageProps) {
  const stage = useRef<HTMLDivElement>(null);
  const fingers = useRef(new Map<number, Point>());
  const hold = useRef<Hold | null>(null);
  const typedOn = useRef<e.Editor | null>(null);
  const now = useRef({ editor, view });
  now.current = { editor, view };
  const edit = (next: e.Editor) => {
    now.current = { ...now.current, editor: next };
    onEdit(next);
  };
  const look = (next: v.Viewport) => {
    now.current = { ...now.current, view: next };
    onView(next);
  };

  useLayoutEffect(() => {
    const element = stage.current;
    if (!element) return;
    const fit = () => look(v.resized(now.current.view, Math.max(1, element.clientWidth), Math.max(1, element.clientHeight)));
    const watch = new ResizeObserver(fit);
    watch.observe(element);
    fit();
    // A wheel listener that Preact adds would be passive, and the page would scroll as well.
    const wheel = (event: WheelEvent) => {
      event.preventDefault();
      const [x, y] = placeOf(element, event);
      look(v.zoomed(now.current.view, Math.exp(-event.deltaY / 300), x, y));
    };
    element.addEventListener("wheel", wheel, { passive: false });
    // A finger's click comes late: the page may have moved, and something else lie under it.
    const lifted = (event: TouchEvent) => event.preventDefault();
    element.addEventListener("touchend", lifted, { passive: false });
    return () => {
      watch.disconnect();
      element.removeEventListener("wheel", wheel);
      element.removeEventListener("touchend", lifted);
    };
  }, []);

  useEffect(() => {
    // Keys may come faster than the page is drawn: only the newest is told.
    if (typedOn.current !== editor) return;
    typedOn.current = null;
    const { selection } = editor;
    const handle = selection && stage.current?.querySelector<SVGElement>(`[data-handle="${selection.id}:${selection.index ?? ""}"]`);
    (handle ?? stage.current)?.focus({ preventScroll: true });
    announce(wordsFor(editor));
  }, [editor]);

  const reach = (event: PointerEvent) => v.shareOf(now.current.view, event.pointerType === "mouse" ? MOUSE_PX : FINGER_PX);
  const snap = () => v.shareOf(now.current.view, SNAP_PX);
  const pointAt = ([x, y]: Point): Point => v.toPicture(now.current.view, x, y);

  function down(event: PointerEvent) {
    if (!stage.current || (event.pointerType === "mouse" && event.button !== 0 && event.button !== 1)) return;
    stage.current.setPointerCapture(event.pointerId);
    const at = placeOf(stage.current, event);
    fingers.current.set(event.pointerId, at);
    if (fingers.current.size === 2) {
      hold.current = { doing: "pinch" };
      return;
    }
    if (fingers.current.size > 2) return;
    const point = pointAt(at);
    const selected = now.current.editor.selection?.id ?? null;
    const hit = now.current.editor.pending || plain ? null : hitAt(e.sheetOf(now.current.editor), selected, point, reach(event), aspect);
    hold.current = { doing: event.button === 1 ? "pan" : "press", hit, from: at };
  }

  function move(event: PointerEvent) {
    const before = fingers.current.get(event.pointerId);
    if (!stage.current || !before) return;
    const at = placeOf(stage.current, event);
    if (hold.current?.doing === "pinch") {
      const pair = [...fingers.current.entries()].slice(0, 2);
      const from = pair.map(([, place]) => place) as [Point, Point];
      const to = pair.map(([id, place]) => (id === event.pointerId ? at : place)) as [Point, Point];
      if (pair.length === 2) look(v.pinched(now.current.view, from, to));
    } else if (hold.current?.doing === "press") {
      if (Math.hypot(at[0] - hold.current.from[0], at[1] - hold.current.from[1]) > DRAG_PX) begin(hold.current, at);
    } else if (hold.current?.doing === "drag") {
      const { grip, moved } = hold.current;
      edit(e.dragged(now.current.editor, grip, pointAt(at), !moved, snap(), aspect));
      hold.current = { doing: "drag", grip, moved: true };
    } else if (hold.current?.doing === "box") {
      hold.current = { ...hold.current, to: at };
      edit({ ...now.current.editor }); // drawn anew, with the box
    } else if (hold.current?.doing === "pan") {
      look(v.panned(now.current.view, at[0] - before[0], at[1] - before[1]));
    }
    fingers.current.set(event.pointerId, at);
  }

  /** A press has become a drag. */
  function begin({ hit, from }: { hit: Hit | null; from: Point }, at: Point) {
    const { editor: shown } = now.current;
    if (shown.pending && !fixed) {
      hold.current = { doing: "box", from, to: at };
    } else if (hit && !fixed && hit.id === shown.selection?.id) {
      const { editor: held, grip } = e.gripped(shown, hit, pointAt(from));
      edit(e.dragged(held, grip, pointAt(at), true, snap(), aspect));
      hold.current = { doing: "drag", grip, moved: true };
    } else {
      look(v.panned(now.current.view, at[0] - from[0], at[1] - from[1]));
      hold.current = { doing: "pan" };
    }
  }

  function up(event: PointerEvent) {
    const at = fingers.current.get(event.pointerId);
    fingers.current.delete(event.pointerId);
    const held = hold.current;
    if (held?.doing === "pinch") {
      if (fingers.current.size === 0) hold.current = null;
      return;
    }
    hold.current = null;
    if (!at || !held || event.type === "pointercancel") return;
    if (held.doing === "box") drawBox(held.from, at);
    if (held.doing === "press") tap(held.hit, at, reach(event));
    if (held.doing === "drag") announce(wordsFor(now.current.editor));
  }

  function drawBox(from: Point, to: Point) {
    const { editor: shown } = now.current;
    if (!shown.pending) return;
    if (isClosed(shown.pending.sort)) return edit(e.boxed(shown, pointAt(from), pointAt(to), snap(), aspect));
    const begun = e.placed(shown, pointAt(from), snap(), aspect);
    edit(e.finished(e.placed(begun, pointAt(to), snap(), aspect)));
  }

  function tap(hit: Hit | null, at: Point, near: number) {
    const { editor: shown } = now.current;
    if (plain) return;
    if (shown.pending) return edit(e.placed(shown, pointAt(at), near, aspect));
    if (!hit) return edit(e.selected(shown, null));
    if (hit.on === "edge" && !fixed) return edit(e.gripped(shown, hit, pointAt(at)).editor);
    edit(e.selected(shown, hit.id, hit.on === "point" ? hit.index : null));
  }

  function key(event: KeyboardEvent) {
    const { editor: shown } = now.current;
    const typed = { key: event.key, shift: event.shiftKey, control: event.ctrlKey || event.metaKey };
    if (event.key === "+" || event.key === "-") return look(v.zoomed(now.current.view, event.key === "+" ? 1.4 : 1 / 1.4));
    const chooses = !shown.pending && (event.key === "Enter" || event.key === " ");
    const next = fixed || plain || chooses ? null : pressed(shown, typed, aspect);
    if (!next) return;
    event.preventDefault();
    typedOn.current = next;
    const point = pointOf(next);
    if (point) look(v.showing(now.current.view, point));
    edit(next);
    if (next === shown) announce(wordsFor(next));
  }

  const box = hold.current?.doing === "box" ? hold.current : null;
  return (
    <div
      class={editor.pending ? "draw-stage drawing" : "draw-stage"}
      ref={stage}
      role="application"
      aria-roledescription={say("drawing_surface")}
      aria-label={say(editor.pending ? "drawing_keys" : "editing_keys")}
      tabIndex={0}
      onPointerDown={down}
      onPointerMove={move}
      onPointerUp={up}
      onPointerCancel={up}
      onKeyDown={key}
    >
      {children}
      <svg class="draw-outlines" width={view.width} height={view.height} viewBox={`0 0 ${view.width} ${view.height}`}>
        {cover && <Filled cover={cover} view={view} />}
        {!plain &&
          e.sheetOf(editor).shapes.map((shape) => (
            <Outline key={shape.id} shape={shape} view={view} wrong={wrong.has(shape.id)} chosen={editor.selection?.id === shape.id} onChoose={() => edit(e.selected(now.current.editor, shape.id))} />
          ))}
        {!plain && !fixed && <Handles editor={editor} view={view} onFocus={(id, index) => edit(e.selected(now.current.editor, id, index))} />}
        {editor.pending && <Pending pending={editor.pending} view={view} box={box} />}
      </svg>
    </div>
  );
}

/** What the camera says it would fill, in the colour of the fill. */
function Filled({ cover, view }: { cover: Cover; view: v.Viewport }) {
  const path = cover.rectangles.map(([x, y, w, h]) => `M${x} ${y}h${w}v${h}h${-w}z`).join("");
  const [across, down] = [(view.zoom * view.width) / cover.width, (view.zoom * view.height) / cover.height];
  return <path class="draw-fill" d={path} transform={`matrix(${across} 0 0 ${down} ${-view.x * view.zoom * view.width} ${-view.y * view.zoom * view.height})`} />;
}

interface OutlineProps {
  shape: Shape;
  view: v.Viewport;
  wrong: boolean;
  chosen: boolean;
  onChoose: () => void;
}

function Outline({ shape, view, wrong, chosen, onChoose }: OutlineProps) {
  const points = shape.points.map((point) => v.toScreen(view, point));
  const path = points.map(([x, y]) => `${x},${y}`).join(" ");
  const classes = ["draw-shape", shape.sort, chosen && "chosen", wrong && "wrong"].filter(Boolean).join(" ");
  const [x, y] = isClosed(shape.sort) ? middle(points) : [points[0]?.[0] ?? 0, (points[0]?.[1] ?? 0) - 16];
  const choose = (event: KeyboardEvent) => {
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    onChoose();
  };
  const shared = { class: classes, tabindex: 0, role: "button" as const, "aria-pressed": chosen, "aria-label": say(`outline_of.${shape.sort}`, { name: shape.name }), "data-handle": `${shape.id}:`, onKeyDown: choose };
  return (
    <g>
      {isClosed(shape.sort) ? <polygon points={path} {...shared} /> : <polyline points={path} {...shared} />}
      {shape.sort === "line" && <Arrows points={points} />}
      <text class="draw-name" x={x} y={y} aria-hidden="true">
        {shape.name}
      </text>
    </g>
  );
}

/** From the left side of a line to its right: the way that counts as left to right. */
function Arrows({ points }: { points: readonly Point[] }) {
  return (
    <g class="draw-arrows" aria-hidden="true">
      {points.slice(1).map((end, i) => {
        const start = points[i] ?? end;
        const length = Math.hypot(end[0] - start[0], end[1] - start[1]);
        if (length < 12) return null;
        // Beside the middle, where a point may be drawn out.
        const [x, y] = [start[0] + 0.3 * (end[0] - start[0]), start[1] + 0.3 * (end[1] - start[1])];
        // The right hand of somebody who walks along it, as it lies in the picture.
        const turned = (Math.atan2(end[1] - start[1], end[0] - start[0]) * 180) / Math.PI + 90;
        return <path key={i} d="M-14 0H14M8 -6L15 0L8 6" transform={`translate(${x} ${y}) rotate(${turned})`} />;
      })}
    </g>
  );
}

interface HandlesProps {
  editor: e.Editor;
  view: v.Viewport;
  onFocus: (id: number, index: number) => void;
}

function Handles({ editor, view, onFocus }: HandlesProps) {
  const shape = editor.selection && shapeOf(e.sheetOf(editor), editor.selection.id);
  if (!shape) return null;
  return (
    <g>
      {edgeMiddles(shape).map((point, i) => {
        const [x, y] = v.toScreen(view, point);
        return <circle key={`e${i}`} class="draw-edge" cx={x} cy={y} r={HANDLE_PX - 2} aria-hidden="true" />;
      })}
      {shape.points.map((point, i) => {
        const [x, y] = v.toScreen(view, point);
        const chosen = editor.selection?.index === i;
        return (
          <circle
            key={`p${i}`}
            class={chosen ? "draw-point chosen" : "draw-point"}
            cx={x}
            cy={y}
            r={chosen ? HANDLE_PX + 2 : HANDLE_PX}
            tabindex={0}
            role="button"
            aria-pressed={chosen}
            aria-label={pointWords(shape, i)}
            data-handle={`${shape.id}:${i}`}
            onFocus={() => chosen || onFocus(shape.id, i)}
          />
        );
      })}
    </g>
  );
}

interface PendingProps {
  pending: e.Pending;
  view: v.Viewport;
  box: { from: Point; to: Point } | null;
}

function Pending({ pending, view, box }: PendingProps) {
  const points = pending.points.map((point) => v.toScreen(view, point));
  const [x, y] = v.toScreen(view, pending.cursor);
  return (
    <g class="draw-pending" aria-hidden="true">
      <polyline points={points.map((p) => p.join(",")).join(" ")} />
      {points.map(([px, py], i) => (
        <circle key={i} class={i === 0 ? "draw-point first" : "draw-point"} cx={px} cy={py} r={HANDLE_PX} />
      ))}
      <path class="draw-cursor" d={`M${x - 11} ${y}h22M${x} ${y - 11}v22`} />
      {box && <Box pending={pending} box={box} />}
    </g>
  );
}

function Box({ pending, box: { from, to } }: { pending: e.Pending; box: { from: Point; to: Point } }) {
  if (!isClosed(pending.sort)) return <line x1={from[0]} y1={from[1]} x2={to[0]} y2={to[1]} />;
  const [x, y] = [Math.min(from[0], to[0]), Math.min(from[1], to[1])];
  return <rect x={x} y={y} width={Math.abs(to[0] - from[0])} height={Math.abs(to[1] - from[1])} />;
}

/** The point that is moved by keyboard now. */
function pointOf(editor: e.Editor): Point | null {
  if (editor.pending) return editor.pending.cursor;
  const { selection } = editor;
  const shape = selection && shapeOf(e.sheetOf(editor), selection.id);
  return (selection?.index != null && shape?.points[selection.index]) || null;
}

/** What is chosen, or where the cursor is, for screen readers. */
function wordsFor(editor: e.Editor): string {
  const at = pointOf(editor);
  if (editor.pending && at) return say("cursor_at", { ...place(at), n: editor.pending.points.length });
  const { selection } = editor;
  const shape = selection && shapeOf(e.sheetOf(editor), selection.id);
  if (!shape) return say("outlines_drawn", { n: e.sheetOf(editor).shapes.length });
  return selection.index === null ? say(`outline_of.${shape.sort}`, { name: shape.name }) : pointWords(shape, selection.index);
}

export function pointWords(shape: Shape, index: number): string {
  const point = shape.points[index] ?? [0, 0];
  return say("point_at", { n: index + 1, of: shape.points.length, ...place(point) });
}

const place = ([x, y]: Point) => ({ x: number(100 * x), y: number(100 * y) });

function placeOf(element: HTMLElement, event: MouseEvent): Point {
  const { left, top } = element.getBoundingClientRect();
  return [event.clientX - left - element.clientLeft, event.clientY - top - element.clientTop];
}
