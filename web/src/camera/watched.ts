// A value that many parts of the page show: they are drawn again when it changes.
import { useEffect, useState } from "preact/hooks";

/** Holds one value and tells whoever subscribed that it is another one now. */
export class Watched<T> {
  #value: T;
  readonly #answers = new Set<() => void>();

  constructor(value: T) {
    this.#value = value;
  }

  get value(): T {
    return this.#value;
  }

  set(value: T): void {
    if (Object.is(value, this.#value)) return;
    this.#value = value;
    for (const answer of [...this.#answers]) answer();
  }

  /** Call `answer` after every change, until the function that this returns is called. */
  subscribe(answer: () => void): () => void {
    this.#answers.add(answer);
    return () => this.#answers.delete(answer);
  }
}

/** The value of `watched`, in a component that is drawn again with it. */
export function useWatched<T>(watched: Pick<Watched<T>, "value" | "subscribe">): T {
  const [, draw] = useState({});
  useEffect(() => {
    const unsubscribe = watched.subscribe(() => draw({}));
    draw({}); // it may have changed between drawing and subscribing
    return unsubscribe;
  }, [watched]);
  return watched.value;
}
