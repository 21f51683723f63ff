// Everything that keeps the camera right, a card for each matter.
import { useEffect } from "preact/hooks";
import { visitor } from "../camera/signedin";
import { useWatched } from "../camera/watched";
import { link, useRoute } from "../route";
import { say } from "../words/words";
import { cards } from "./care";

export default function Care() {
  const role = useWatched(visitor)?.role;
  const wanted = useRoute().query.get("card");
  useEffect(() => {
    const card = wanted ? document.getElementById(wanted) : null;
    card?.scrollIntoView();
    card?.focus({ preventScroll: true });
  }, [wanted]);
  const mine = cards.filter(({ roles }) => role && roles.includes(role));
  return (
    <>
      <nav class="chips" aria-label={say("care.matters")}>
        {mine.map(({ name, word }) => (
          <a key={name} href={link("/care", { card: name })}>
            {say(word)}
          </a>
        ))}
      </nav>
      <div class="cards">
        {mine.map(({ name, card: Shown }) => (
          <Shown key={name} id={name} />
        ))}
      </div>
    </>
  );
}
