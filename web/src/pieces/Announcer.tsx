// What is said to screen readers alone, because everybody else sees it anyway.
import { useWatched, Watched } from "../camera/watched";

const said = new Watched("");

/** Say `words` as soon as the reader is free. */
export function announce(words: string): void {
  said.set(words);
}

/** Stands once in the page, for as long as the page does. */
export function Announcer() {
  return (
    <p id="announcer" class="unseen" role="status">
      {useWatched(said)}
    </p>
  );
}
