// What the camera found on its card at its last start and could not use, as far as somebody can mend it.
import { useWatched } from "../camera/watched";
import { Notice } from "../pieces/Notice";
import { say } from "../words/words";
import { setup } from "./told";

export function FirstStart() {
  const problems = useWatched(setup)?.problems ?? [];
  if (!problems.length) return null;
  return (
    <Notice id="setup-first-start" kind="grave" title={say("setup.first_start")}>
      <p>{say("setup.first_start_text")}</p>
      <ul lang="en">
        {problems.map((problem) => (
          <li key={problem}>{problem}</li>
        ))}
      </ul>
    </Notice>
  );
}
