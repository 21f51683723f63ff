// The page of somebody who is signed in: head, navigation, what nobody may overlook, and the screen.
import { useEffect, useRef } from "preact/hooks";
import { staySignedIn, type Visitor } from "../../camera/signedin";
import { status } from "../../camera/told";
import { useWatched } from "../../camera/watched";
import { Notice } from "../../pieces/Notice";
import { useRoute } from "../../route";
import { say } from "../../words/words";
import { Orders } from "../health/Orders";
import { Banner } from "../installer/Banner";
import { InstallerSheets } from "../installer/InstallerSheets";
import { views } from "../index";
import { Head } from "./Head";
import { Navigation } from "./Navigation";
import { Newest } from "./Newest";

export function Signed({ who }: { who: Visitor }) {
  const { path } = useRoute();
  const { answer, failure } = useWatched(status);
  const view = views.find((known) => known.path === path);
  const main = useScreenFocus(path);
  const open = views.filter((known) => known.icon && known.roles.includes(who.role));
  useEffect(staySignedIn, []);
  useEffect(() => {
    const named = answer?.camera_name ?? "edgecam";
    document.title = view && view.path !== "/" ? `${say(view.word)} · ${named}` : named;
  });
  return (
    <>
      <a class="skip" href="#main" onClick={(event) => (event.preventDefault(), main.current?.focus())}>
        {say("skip")}
      </a>
      <Head who={who} status={answer} away={failure !== null} />
      <Navigation views={open} path={path} />
      {failure !== null && (
        <Notice id="unreachable" kind="grave">
          {say("unreachable")}
        </Notice>
      )}
      <Orders status={answer} />
      <Banner session={answer?.installer ?? null} />
      <main id="main" ref={main} tabIndex={-1}>
        {!view && <Notice>{say("nothing_here")}</Notice>}
        {view && !view.roles.includes(who.role) && <Notice>{say("not_for_you")}</Notice>}
        {view?.roles.includes(who.role) && <view.screen key={path} />}
      </main>
      <InstallerSheets session={answer?.installer ?? null} />
      {who.role !== "installer" && <Newest />}
    </>
  );
}

/** After a change of screen the reader begins at its top. */
function useScreenFocus(path: string) {
  const main = useRef<HTMLElement>(null);
  const shown = useRef(path);
  useEffect(() => {
    if (shown.current === path) return;
    shown.current = path;
    scrollTo(0, 0);
    main.current?.focus({ preventScroll: true });
  }, [path]);
  return main;
}
