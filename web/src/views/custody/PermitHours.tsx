// For how long a permit holds: what the policy says, unless somebody types otherwise.
import { useWatched } from "../../camera/watched";
import { Field } from "../../pieces/Field";
import { say } from "../../words/words";
import { policy } from "./told";

const MOST_H = 720;
const USUAL_H = 24;

/** The field `hours` of a form that grants. */
export function PermitHours({ id }: { id: string }) {
  const told = useWatched(policy).answer;
  return <Field id={id} name="hours" label={say("decide.hours")} type="number" inputMode="numeric" min={1} max={MOST_H} defaultValue={told?.permit_h ?? USUAL_H} required />;
}
