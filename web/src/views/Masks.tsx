// What is hidden, who answers for it, and where the camera is to notice what: all drawn on one picture.
import { useState } from "preact/hooks";
import { visitor } from "../camera/signedin";
import { useWatched } from "../camera/watched";
import { Card } from "../pieces/Card";
import { Unfinished } from "../setup/Unfinished";
import { say } from "../words/words";
import { MaskEditor } from "./drawing/MaskEditor";
import { RuleEditor } from "./drawing/RuleEditor";
import { MasksCard } from "./masks/MasksCard";
import "./drawing/drawing.css";

type Part = "masks" | "rules";

export default function Masks() {
  const who = useWatched(visitor);
  const [part, setPart] = useState<Part>("masks");
  if (!who) return null;
  if (who.role === "operator") return <MasksCard />;
  const choice = (wanted: Part) => (
    <button id={`part-${wanted}`} type="button" aria-pressed={part === wanted} onClick={() => setPart(wanted)}>
      {say(`part.${wanted}`)}
    </button>
  );
  return (
    <>
      {who.role === "owner" && <Unfinished />}
      <div class="draw-page">
        <Card
          id="drawing"
          title={say("drawing")}
          head={
            <div class="choices" role="group" aria-label={say("what_is_drawn")}>
              {choice("masks")}
              {choice("rules")}
            </div>
          }
        >
          {part === "masks" ? <MaskEditor who={who} /> : <RuleEditor who={who} />}
        </Card>
        <MasksCard />
      </div>
    </>
  );
}
