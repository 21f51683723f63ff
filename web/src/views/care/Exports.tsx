// How footage is handed over, and what was handed over before.
import { Card } from "../../pieces/Card";
import { Empty } from "../../pieces/Empty";
import { say } from "../../words/words";
import { Lines, useRegister } from "./Log";

export function Exports({ id }: { id: string }) {
  const register = useRegister("copy");
  return (
    <Card id={id} title={say("care.exports")}>
      <p>{say("exports.text")}</p>
      <p>
        <code>edgecam export --from 14:00 --to 14:10 --out clip.mp4</code>
      </p>
      <p class="hint">{say("exports.kept")}</p>
      <h3>{say("exports.past")}</h3>
      {register.lines?.length === 0 && <Empty>{say("exports.none")}</Empty>}
      <Lines register={register} />
    </Card>
  );
}
