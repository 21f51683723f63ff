// What is drawn on this page beside what the camera has: kept over refusals, lost connections and other people's changes.
import { ask, tell } from "../../camera/http";
import { Refusal } from "../../camera/refusal";
import { visitor } from "../../camera/signedin";
import { Watched } from "../../camera/watched";
import * as e from "../../drawing/editor";
import type { Sheet } from "../../drawing/sheet";

/** `answer` is what the drawing follows on; `theirs` came from somebody else meanwhile, and waits for a decision. */
export interface Bench<A> {
  readonly answer: A | null;
  readonly editor: e.Editor;
  readonly theirs: A | null;
  readonly away: boolean;
  readonly failure: unknown;
}

/** How one kind of answer is drawn and given back. */
export interface Form<A> {
  readonly path: string;
  readonly key: string;
  readonly sheetOf: (answer: A) => Sheet;
  readonly bodyOf: (sheet: Sheet, answer: A) => object;
}

interface Stored {
  who: string;
  tag: string;
  sheet: Sheet;
}

const NOTHING: Sheet = { margin: 0, shapes: [], rules: [] };

export class Board<A extends { tag: string }> {
  readonly held = new Watched<Bench<A>>(empty());
  readonly #form: Form<A>;

  constructor(form: Form<A>) {
    this.#form = form;
    visitor.subscribe(() => {
      if (!visitor.value) this.held.set(empty());
    });
  }

  /** Whether something is drawn that the camera does not have. */
  get isOpen(): boolean {
    const { answer, editor } = this.held.value;
    return answer !== null && !this.#same(e.sheetOf(editor), answer);
  }

  edit(editor: e.Editor): void {
    this.#set({ editor, ...(e.sheetOf(editor) === e.sheetOf(this.held.value.editor) ? {} : { failure: null }) });
    this.#store();
  }

  /** Ask the camera what it has: the first time to draw on it, later to notice what others did. */
  async look(): Promise<void> {
    let answer: A;
    try {
      answer = await ask<A>(this.#form.path);
    } catch (failure) {
      const away = failure instanceof Refusal && failure.kind === "Unreachable";
      this.#set(away ? { away } : { failure });
      return;
    }
    const { answer: before, editor } = this.held.value;
    if (!before) return this.#begin(answer);
    const isMine = answer.tag === before.tag;
    if (isMine || (!this.isOpen && !editor.pending)) this.#set({ away: false, ...(isMine ? { answer } : this.#drawn(answer)) });
    else this.#set({ away: false, theirs: answer });
  }

  /** Give the camera what is drawn, if it does not have it; whether it has it now. */
  async save(): Promise<boolean> {
    const { answer, editor } = this.held.value;
    if (!answer || !this.isOpen) return answer !== null;
    const body = { tag: answer.tag, ...this.#form.bodyOf(e.sheetOf(editor), answer) };
    return this.act(() => tell<A>(this.#form.path, body, "PUT"));
  }

  /** Do `deed`, which answers how things stand then; whether it was done. */
  async act(deed: () => Promise<A>): Promise<boolean> {
    try {
      const answer = await deed();
      // Saving gives back what was drawn: history and selection stay.
      const same = this.#same(e.sheetOf(this.held.value.editor), answer);
      this.#set({ away: false, failure: null, theirs: null, ...(same ? { answer } : this.#drawn(answer)) });
      this.#store();
      return true;
    } catch (failure) {
      await this.fail(failure);
      return false;
    }
  }

  /** Keep what is drawn, and say why it was not taken. */
  async fail(failure: unknown): Promise<void> {
    const refusal = failure instanceof Refusal ? failure : null;
    this.#set({ failure, away: refusal?.kind === "Unreachable" });
    if (refusal?.status === 409) await this.look();
  }

  /** Go on with what somebody else drew; what was drawn here can be had back by undoing. */
  takeTheirs(): void {
    const { theirs, editor } = this.held.value;
    if (!theirs) return;
    this.#set({ answer: theirs, theirs: null, failure: null, editor: e.edited(e.cancelled(editor), this.#form.sheetOf(theirs), null) });
    this.#store();
  }

  /** Go on with what is drawn here, in full knowledge of theirs. */
  keepMine(): void {
    const { theirs } = this.held.value;
    if (theirs) this.#set({ answer: theirs, theirs: null, failure: null });
    this.#store();
  }

  #begin(answer: A): void {
    this.#set({ away: false, failure: null, ...this.#drawn(answer) });
    const stored = this.#stored();
    if (!stored || this.#same(stored.sheet, answer)) return this.#store();
    const editor = e.edited(this.held.value.editor, stored.sheet);
    this.#set({ editor, theirs: stored.tag === answer.tag ? null : answer });
  }

  #drawn(answer: A): Pick<Bench<A>, "answer" | "editor"> {
    return { answer, editor: e.editorOf(this.#form.sheetOf(answer)) };
  }

  #same(sheet: Sheet, answer: A): boolean {
    const plain = (drawn: Sheet) => JSON.stringify(this.#form.bodyOf(drawn, answer));
    return plain(sheet) === plain(this.#form.sheetOf(answer));
  }

  #set(change: Partial<Bench<A>>): void {
    this.held.set({ ...this.held.value, ...change });
  }

  /** Outlines alone, for this browser's tab: a page that is loaded anew goes on with them. */
  #store(): void {
    try {
      const { answer, editor } = this.held.value;
      const who = visitor.value?.name;
      if (answer && who && this.isOpen) sessionStorage.setItem(this.#form.key, JSON.stringify({ who, tag: answer.tag, sheet: e.sheetOf(editor) } satisfies Stored));
      else sessionStorage.removeItem(this.#form.key);
    } catch {
      // storage is forbidden: what is drawn lasts as long as the page
    }
  }

  #stored(): Stored | null {
    try {
      const stored = JSON.parse(sessionStorage.getItem(this.#form.key) ?? "null") as Stored | null;
      return stored && stored.who === visitor.value?.name ? stored : null;
    } catch {
      return null;
    }
  }
}

const empty = <A>(): Bench<A> => ({ answer: null, editor: e.editorOf(NOTHING), theirs: null, away: false, failure: null });
