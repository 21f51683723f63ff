// What both editors do with a board: look again while somebody is there, and give nothing that is plainly wrong.
import { useEffect } from "preact/hooks";
import type { Visitor } from "../../camera/signedin";
import { status } from "../../camera/told";
import { useWatched } from "../../camera/watched";
import * as e from "../../drawing/editor";
import { mistakesIn } from "../../drawing/mistakes";
import { announce } from "../../pieces/Announcer";
import { say } from "../../words/words";
import type { Bench, Board } from "./board";

const LOOK_MS = 5000;

/** `isInstalling`: this browser entered the installer session; `viewer` is who is written into the picture. */
export interface AtBench<A> {
  bench: Bench<A>;
  isInstalling: boolean;
  viewer: string;
}

/** What is on `board`, asked for now and then while the page is looked at. */
export function useBench<A extends { tag: string }>(board: Board<A>, who: Visitor): AtBench<A> {
  const bench = useWatched(board.held);
  const session = useWatched(status).answer?.installer ?? null;
  useEffect(() => {
    void board.look();
    const timer = setInterval(() => document.hidden || void board.look(), LOOK_MS);
    return () => clearInterval(timer);
  }, []);
  const isInstalling = session?.place === "installer";
  return { bench, isInstalling, viewer: isInstalling ? session.opened_for : who.name };
}

/** Choose an outline. */
export function choose<A extends { tag: string }>(board: Board<A>, id: number): void {
  board.edit(e.selected(board.held.value.editor, id));
}

/** Whether what is drawn may be given; else its first mistake is chosen and said. */
export function mayGive<A extends { tag: string }>(board: Board<A>): boolean {
  const first = mistakesIn(e.sheetOf(board.held.value.editor))[0];
  if (!first) return true;
  if (first.id !== null) choose(board, first.id);
  announce(say(`mistake.${first.code}`));
  return false;
}
