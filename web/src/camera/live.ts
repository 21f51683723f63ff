// The live masked picture as the camera sends it: parts of one multipart answer, for as long as somebody looks.
import { stream, type Stream } from "./http";
import { Refusal } from "./refusal";

const AGAIN_MS = 2000;
const HEAD_END = "\r\n\r\n";

/** One picture; `isPrivate` says that all of it is masked. */
export interface LivePart {
  jpeg: Blob;
  capturedMs: number;
  isPrivate: boolean;
}

/**
 * Give every live picture to `show` until `signal` aborts; `absent` gets the word for why there is none.
 * A camera that is away is asked again every two seconds.
 */
export async function watchLive(
  signal: AbortSignal,
  show: (part: LivePart) => Promise<void>,
  absent: (word: string) => void,
): Promise<void> {
  while (!signal.aborted) {
    try {
      const { reader } = await stream("/api/live", signal);
      const parts = new Parts(reader);
      for (let part = await parts.next(); part && !signal.aborted; part = await parts.next()) await show(part);
      if (!signal.aborted) absent("live_waiting");
    } catch (error) {
      if (signal.aborted) return;
      absent(reason(error));
    }
    await new Promise((again) => setTimeout(again, AGAIN_MS));
  }
}

function reason(error: unknown): string {
  if (!(error instanceof Refusal) || error.kind !== "Unavailable") return "live_waiting";
  return error.message.includes("viewers") ? "live_crowded" : "live_none";
}

/** Reads `multipart/x-mixed-replace`: each part tells its own length. */
export class Parts {
  readonly #reader: Stream["reader"];
  #held = new Uint8Array(0);

  constructor(reader: Stream["reader"]) {
    this.#reader = reader;
  }

  /** The next part, or null when the camera ended the answer. */
  async next(): Promise<LivePart | null> {
    let end = this.#headEnd();
    while (end < 0) {
      if (!(await this.#more())) return null;
      end = this.#headEnd();
    }
    const head = new TextDecoder().decode(this.#held.subarray(0, end));
    const size = Number(field(head, "Content-Length"));
    const start = end + HEAD_END.length;
    while (this.#held.length < start + size) if (!(await this.#more())) return null;
    const jpeg = new Blob([this.#held.slice(start, start + size)], { type: "image/jpeg" });
    this.#held = this.#held.slice(start + size);
    return { jpeg, capturedMs: Number(field(head, "X-Captured-Ms")), isPrivate: field(head, "X-Private") === "1" };
  }

  #headEnd(): number {
    // A head is short ASCII; looking at the first bytes keeps this cheap while a picture is still arriving.
    return new TextDecoder("latin1").decode(this.#held.subarray(0, 512)).indexOf(HEAD_END);
  }

  async #more(): Promise<boolean> {
    const { done, value } = await this.#reader.read();
    if (done) return false;
    const joined = new Uint8Array(this.#held.length + value.length);
    joined.set(this.#held);
    joined.set(value, this.#held.length);
    this.#held = joined;
    return true;
  }
}

function field(head: string, name: string): string {
  return new RegExp(`^${name}: (.*)$`, "im").exec(head)?.[1]?.trim() ?? "";
}
