// Says to screen readers what the camera noticed just now, on whichever screen they are.
import { useEffect, useRef } from "preact/hooks";
import { happenings } from "../../camera/told";
import { useWatched } from "../../camera/watched";
import { announce } from "../../pieces/Announcer";
import { announcement } from "../events/wording";

export function Newest() {
  const newest = useWatched(happenings).answer?.[0];
  const told = useRef("");
  useEffect(() => {
    if (!newest || newest.event_id === told.current) return;
    if (told.current) announce(announcement(newest));
    told.current = newest.event_id;
  }, [newest]);
  return null;
}
