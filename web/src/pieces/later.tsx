// A screen whose code comes when it is first shown.
import type { ComponentType } from "preact";
import { useEffect, useState } from "preact/hooks";
import { say } from "../words/words";
import { Busy } from "./Busy";
import { Notice } from "./Notice";

type Screen = ComponentType<object>;

/** The screen that `load` brings, given by it as its default. */
export function later(load: () => Promise<{ default: Screen }>): Screen {
  let loaded: Screen | undefined;
  return function Later() {
    const [failed, setFailed] = useState(false);
    const [, draw] = useState({});
    useEffect(() => {
      if (loaded) return;
      load().then(
        (came) => {
          loaded = came.default;
          draw({});
        },
        () => setFailed(true),
      );
    }, []);
    if (loaded) {
      const Shown = loaded;
      return <Shown />;
    }
    return failed ? <Notice kind="grave">{say("unreachable")}</Notice> : <Busy>{say("loading")}</Busy>;
  };
}
