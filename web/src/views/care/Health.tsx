// How the camera is: what is wrong, and the figures.
import { status } from "../../camera/told";
import { useWatched } from "../../camera/watched";
import { Card } from "../../pieces/Card";
import { Tiles } from "../../pieces/Tile";
import { say } from "../../words/words";
import { Faults } from "../health/Faults";
import { healthFigures } from "../health/figures";

export function Health({ id }: { id: string }) {
  const { answer } = useWatched(status);
  return (
    <Card id={id} title={say("health")}>
      {answer?.faults.length === 0 && <p class="hint">{say("all_well")}</p>}
      <Faults faults={answer?.faults ?? []} />
      <Tiles id="tiles" figures={healthFigures(answer)} />
    </Card>
  );
}
