// A secret as a picture that a phone reads, on paper; what draws it is loaded when it is needed.
import { useEffect, useState } from "preact/hooks";
import { say } from "../words/words";
import { Busy } from "./Busy";

export function SecretCode({ text }: { text: string }) {
  const [drawn, setDrawn] = useState<{ d: string; size: number } | null>(null);
  useEffect(() => {
    void import("../setup/qr").then(({ qrPath }) => setDrawn(qrPath(text)));
  }, [text]);
  if (!drawn) return <Busy />;
  return (
    <svg class="kit-qr" viewBox={`0 0 ${drawn.size} ${drawn.size}`} role="img" aria-label={say("kit.qr")} shape-rendering="crispEdges">
      <rect width={drawn.size} height={drawn.size} fill="#fff" />
      <path d={drawn.d} fill="#000" />
    </svg>
  );
}
