// What is hidden before and after, as outlines on blank ground: nothing that a camera ever saw.
import { changesBetween, mayShowMore } from "../../drawing/changes";
import type { Sheet } from "../../drawing/sheet";
import { Notice } from "../../pieces/Notice";
import { say } from "../../words/words";

interface GeometryProps {
  before: Sheet;
  after: Sheet;
  aspect: number;
}

export function Geometry({ before, after, aspect }: GeometryProps) {
  const told = changesBetween(before, after).filter(({ kind }) => kind !== "same");
  const margin = before.margin !== after.margin;
  return (
    <>
      <div class="draw-geometry">
        <Drawn title={say("before")} sheet={before} aspect={aspect} />
        <Drawn title={say("after")} sheet={after} aspect={aspect} />
      </div>
      {mayShowMore(before, after) && <Notice kind="grave">{say("may_show_more")}</Notice>}
      <ul class="draw-changes">
        {told.map(({ kind, before: old, after: now }, i) => {
          const shape = now ?? old;
          return <li key={i}>{shape && say(`change.${kind}`, { name: shape.name, what: say(shape.sort === "mask" ? `reason.${shape.reason}` : `sort.${shape.sort}`) })}</li>;
        })}
        {margin && <li>{say("change.margin", { from: percent(before.margin), to: percent(after.margin) })}</li>}
        {told.length === 0 && !margin && <li>{say("change.nothing")}</li>}
      </ul>
    </>
  );
}

function Drawn({ title, sheet, aspect }: { title: string; sheet: Sheet; aspect: number }) {
  const [width, height] = [320, 320 / aspect];
  return (
    <figure>
      <svg viewBox={`0 0 ${width} ${height}`} role="img" aria-label={`${title}: ${sheet.shapes.map(({ name }) => name).join(", ") || say("nothing_hidden")}`}>
        <rect class="ground" width={width} height={height} />
        {sheet.shapes.map((shape) => (
          <polygon key={shape.id} class={`draw-shape ${shape.sort}`} points={shape.points.map(([x, y]) => `${x * width},${y * height}`).join(" ")} />
        ))}
      </svg>
      <figcaption>{title}</figcaption>
    </figure>
  );
}

const percent = (share: number) => `${Math.round(share * 1000) / 10} %`;
