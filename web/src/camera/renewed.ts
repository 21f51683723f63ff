// What is asked for again and again, by one question for all who show it, and only while the page is looked at.
import { ask } from "./http";
import { Watched } from "./watched";

/** The newest answer, `undefined` before the first; `failure` is what the newest question met instead, else null. */
export interface Renewal<T> {
  answer: T | undefined;
  failure: unknown;
}

/** Asks every `everyMs` while anybody is subscribed. */
export class Renewed<T> {
  readonly #held = new Watched<Renewal<T>>({ answer: undefined, failure: null });
  readonly #question: () => Promise<T>;
  readonly #everyMs: number;
  #shown = 0;
  #timer: ReturnType<typeof setInterval> | undefined;
  #asking: Promise<void> | undefined;

  constructor(question: string | (() => Promise<T>), everyMs: number) {
    this.#question = typeof question === "string" ? () => ask<T>(question) : question;
    this.#everyMs = everyMs;
    document.addEventListener("visibilitychange", () => this.#shown > 0 && this.#tick());
  }

  get value(): Renewal<T> {
    return this.#held.value;
  }

  subscribe(answer: () => void): () => void {
    const unsubscribe = this.#held.subscribe(answer);
    if (this.#shown++ === 0) this.#begin();
    return () => {
      unsubscribe();
      if (--this.#shown === 0) clearInterval(this.#timer);
    };
  }

  /** Ask now; resolves when the answer is there, or is not to be had. */
  renew(): Promise<void> {
    this.#asking ??= this.#ask().finally(() => (this.#asking = undefined));
    return this.#asking;
  }

  /** Ask once more, after what is being asked already: something was changed just now. */
  async renewAfter(): Promise<void> {
    await this.#asking;
    await this.renew();
  }

  /** Forget what was answered: somebody else may look now. */
  forget(): void {
    this.#held.set({ answer: undefined, failure: null });
  }

  #begin(): void {
    this.#timer = setInterval(() => this.#tick(), this.#everyMs);
    this.#tick();
  }

  #tick(): void {
    if (!document.hidden) void this.renew();
  }

  async #ask(): Promise<void> {
    try {
      this.#held.set({ answer: await this.#question(), failure: null });
    } catch (failure) {
      this.#held.set({ answer: this.#held.value.answer, failure });
    }
  }
}
