// One frame as it will be given out; a box drawn over it covers what the search missed.
import { useRef, useState } from "preact/hooks";
import { boxBetween } from "./boxes";

interface FrameViewProps {
  src: string;
  label: string;
  /** The picture is on the screen. */
  onShown: () => void;
  onBox: (corners: [number, number, number, number]) => void;
}

interface Point {
  x: number;
  y: number;
}

export function FrameView({ src, label, onShown, onBox }: FrameViewProps) {
  const picture = useRef<HTMLImageElement>(null);
  const [drag, setDrag] = useState<{ from: Point; to: Point } | null>(null);
  const pointOf = (event: PointerEvent): Point => {
    const around = picture.current?.getBoundingClientRect();
    return { x: event.clientX - (around?.left ?? 0), y: event.clientY - (around?.top ?? 0) };
  };
  function end() {
    const shown = picture.current;
    if (!drag || !shown) return setDrag(null);
    const own = { width: shown.naturalWidth, height: shown.naturalHeight };
    const corners = boxBetween(drag.from, drag.to, { width: shown.clientWidth, height: shown.clientHeight }, own);
    setDrag(null);
    if (corners) onBox(corners);
  }
  return (
    <div
      class="review-frame"
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        setDrag({ from: pointOf(event), to: pointOf(event) });
      }}
      onPointerMove={(event) => drag && setDrag({ from: drag.from, to: pointOf(event) })}
      onPointerUp={end}
      onPointerCancel={() => setDrag(null)}
    >
      <img ref={picture} src={src} alt={label} draggable={false} onLoad={onShown} />
      {drag && (
        <svg aria-hidden="true">
          <rect x={Math.min(drag.from.x, drag.to.x)} y={Math.min(drag.from.y, drag.to.y)} width={Math.abs(drag.to.x - drag.from.x)} height={Math.abs(drag.to.y - drag.from.y)} />
        </svg>
      )}
    </div>
  );
}
