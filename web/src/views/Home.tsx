// The first screen: what the camera sees now, how it is, and what it noticed last.
import { visitor } from "../camera/signedin";
import { happenings, status } from "../camera/told";
import { useWatched } from "../camera/watched";
import { Card } from "../pieces/Card";
import { link } from "../route";
import { Unfinished } from "../setup/Unfinished";
import { say } from "../words/words";
import { EventList } from "./events/EventList";
import { Faults } from "./health/Faults";
import { healthFigures } from "./health/figures";
import { LivePicture } from "./live/LivePicture";
import { Tiles } from "../pieces/Tile";

const NEWEST = 6;

export default function Home() {
  const { answer } = useWatched(status);
  return (
    <>
      {visitor.value?.role === "owner" && <Unfinished />}
      <div class="home">
        <section aria-label={say("live")}>
          <LivePicture />
        </section>
        {visitor.value?.role !== "installer" && <NewestEvents />}
        <Card title={say("health")}>
          <Faults faults={answer?.faults ?? []} />
          <Tiles id="tiles" figures={healthFigures(answer)} />
        </Card>
      </div>
    </>
  );
}

// Of its own, so that nothing is asked for that an installer may not see.
function NewestEvents() {
  const events = useWatched(happenings).answer;
  return (
    <Card
      id="newest"
      class="side"
      title={say("newest")}
      head={
        <a class="more-link" href={link("/events")}>
          {say("all_events")}
        </a>
      }
    >
      <EventList events={events?.slice(0, NEWEST)} />
    </Card>
  );
}
