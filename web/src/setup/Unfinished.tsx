// One line for as long as the first run was left and not ended: the way back to it.
import { useEffect } from "preact/hooks";
import { useWatched } from "../camera/watched";
import { Notice } from "../pieces/Notice";
import { link } from "../route";
import { say } from "../words/words";
import { renew, setup } from "./told";

export function Unfinished() {
  const state = useWatched(setup);
  useEffect(() => {
    if (!setup.value?.finished) void renew();
  }, []);
  if (!state?.yours || state.finished) return null;
  return (
    <Notice id="setup-unfinished">
      <a href={link("/setup")}>{say("setup.unfinished")}</a>
    </Notice>
  );
}
