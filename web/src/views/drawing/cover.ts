// What the camera would fill for a drawing, asked again whenever it is another one.
import { useEffect, useState } from "preact/hooks";
import { tell } from "../../camera/http";
import type { Drawing } from "../../drawing/maskdrawing";
import type { Cover } from "./answers";

const PAUSE_MS = 200;

/** `cover` of `drawing`, `null` until the camera has said it; of no drawing there is none. */
export function useCover(drawing: Drawing | null): { cover: Cover | null; failed: boolean } {
  const [told, setTold] = useState<{ of: string; cover: Cover | null; failed: boolean }>({ of: "", cover: null, failed: false });
  const wanted = drawing ? JSON.stringify(drawing) : "";
  useEffect(() => {
    if (!wanted) return;
    let stale = false;
    const timer = setTimeout(() => {
      tell<Cover>("/api/masks/preview", { drawing: JSON.parse(wanted) as Drawing }).then(
        (cover) => stale || setTold({ of: wanted, cover, failed: false }),
        () => stale || setTold({ of: wanted, cover: null, failed: true }),
      );
    }, PAUSE_MS);
    return () => {
      stale = true;
      clearTimeout(timer);
    };
  }, [wanted]);
  // The one of before would say what will not be recorded.
  return told.of === wanted ? told : { cover: null, failed: false };
}
