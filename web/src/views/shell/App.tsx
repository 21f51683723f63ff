// What stands around every screen, and which of them is shown to whom.
import { useEffect, useState } from "preact/hooks";
import { meet, visitor, welcome } from "../../camera/signedin";
import { useWatched } from "../../camera/watched";
import { Announcer } from "../../pieces/Announcer";
import { Busy } from "../../pieces/Busy";
import { Notice } from "../../pieces/Notice";
import { coming } from "../../setup/told";
import { say, useLanguage } from "../../words/words";
import { setup } from "../index";
import { SignIn } from "../SignIn";
import { Signed } from "./Signed";

const AGAIN_MS = 2000;

export function App() {
  useLanguage();
  return (
    <>
      <Screens />
      <Announcer />
    </>
  );
}

function Screens() {
  const away = useMeeting();
  const met = useWatched(welcome);
  const who = useWatched(visitor);
  const starting = useWatched(coming);
  if (met?.state === "new") {
    const Setup = setup;
    return Setup ? <Setup /> : <Notice kind="grave">{say("not_set_up")}</Notice>;
  }
  if (who) return <Signed who={who} />;
  if (starting && met)
    return (
      <main class="alone">
        <Busy>{say("setup.starting")}</Busy>
      </main>
    );
  if (met && who === null) return <SignIn met={met} />;
  return (
    <main class="alone">
      {away ? (
        <Notice id="unreachable" kind="grave">
          {say("unreachable")}
        </Notice>
      ) : (
        <Busy>{say("connecting")}</Busy>
      )}
    </main>
  );
}

/** Ask the camera who it is until it says so; whether it is away. */
function useMeeting(): boolean {
  const [away, setAway] = useState(false);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout>;
    const greet = () =>
      meet().then(
        () => setAway(false),
        () => {
          setAway(true);
          timer = setTimeout(greet, AGAIN_MS);
        },
      );
    void greet();
    return () => clearTimeout(timer);
  }, []);
  return away;
}
