// What is burnt and who answers for it, and what happened to the camera's view.
import { visitor } from "../../camera/signedin";
import { masks as toldMasks, status } from "../../camera/told";
import { useWatched } from "../../camera/watched";
import { Button } from "../../pieces/Button";
import { Card } from "../../pieces/Card";
import { Tiles } from "../../pieces/Tile";
import { say } from "../../words/words";
import { askForAim, open } from "../installer/sheets";
import { asksForAim, happened, maskFigures } from "./figures";

export function MasksCard() {
  const told = useWatched(toldMasks).answer;
  const role = useWatched(visitor)?.role;
  const answer = useWatched(status).answer;
  const session = answer?.installer ?? null;
  const aim = answer?.aim ?? null;
  return (
    <Card id="masks-card" title={say("masks")}>
      <p id="aim-words" class="told" role="status">
        {happened(aim)}
      </p>
      <Tiles id="mask-tiles" figures={maskFigures(told, aim)} />
      <div class="actions">
        {asksForAim(aim) && (role === "owner" || session?.place === "installer") && (
          <Button id="confirm-open" kind="main" onPress={askForAim}>
            {say("confirm_open")}
          </Button>
        )}
        {!session && role === "owner" && (
          <Button id="let-in-open" onPress={() => open("let_in")}>
            {say("let_in_open")}
          </Button>
        )}
        {session && !session.entered && role !== "operator" && (
          <Button id="code-open" onPress={() => open("enter_code")}>
            {say("code_open")}
          </Button>
        )}
      </div>
    </Card>
  );
}
