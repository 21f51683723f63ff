// The browser's own buffer behind a <video>: opened, filled and emptied one act after the other.
import type { Bytes } from "./bytes";

type SourceKind = new () => MediaSource;

/** Where footage can be fed to a player: everywhere but in browsers that are too old. */
export function sourceKind(): SourceKind | null {
  // iPhones know only the managed kind.
  return globalThis.MediaSource ?? (globalThis as { ManagedMediaSource?: SourceKind }).ManagedMediaSource ?? null;
}

/** This browser cannot decode what the camera recorded, or has no way to be fed with it. */
export class NoDecoder extends Error {
  override name = "NoDecoder";
}

export class MediaBuffer {
  readonly #video: HTMLVideoElement;
  readonly #source: MediaSource;
  #buffer: SourceBuffer | null = null;
  #type = "";
  #acting: Promise<unknown> = Promise.resolve();

  private constructor(video: HTMLVideoElement, source: MediaSource) {
    this.#video = video;
    this.#source = source;
  }

  /** Throws `NoDecoder`. */
  static async open(video: HTMLVideoElement): Promise<MediaBuffer> {
    const Kind = sourceKind();
    if (!Kind) throw new NoDecoder("no MediaSource");
    const source = new Kind();
    const opened = new Promise((happened) => source.addEventListener("sourceopen", happened, { once: true }));
    const url = URL.createObjectURL(source);
    video.disableRemotePlayback = true; // without it the managed kind never opens
    video.src = url;
    await opened;
    URL.revokeObjectURL(url);
    return new MediaBuffer(video, source);
  }

  /** Let go of everything. */
  close(): void {
    this.#buffer = null;
    this.#video.removeAttribute("src");
    this.#video.load();
  }

  /** What follows is coded as `init` and `codec` say. Throws `NoDecoder`. */
  async begin(init: Bytes, codec: string): Promise<void> {
    const type = `video/mp4; codecs="${codec}"`;
    if (!this.#buffer) {
      try {
        this.#buffer = this.#source.addSourceBuffer(type);
      } catch (error) {
        throw new NoDecoder(String(error));
      }
    } else if (type !== this.#type) this.#buffer.changeType(type);
    this.#type = type;
    await this.append(init);
  }

  async append(bytes: Bytes): Promise<void> {
    await this.#act((buffer) => buffer.appendBuffer(bytes));
  }

  /** Take out media time `startS` to `endS`. */
  async remove(startS: number, endS: number): Promise<void> {
    if (this.#buffer?.buffered.length) await this.#act((buffer) => buffer.remove(startS, endS));
  }

  #act(act: (buffer: SourceBuffer) => void): Promise<void> {
    const acted = this.#acting.then(async () => {
      const buffer = this.#buffer;
      if (!buffer || this.#source.readyState !== "open") throw new NoDecoder(this.#video.error?.message || "closed");
      const ended = new Promise<void>((happened, failed) => {
        buffer.addEventListener("updateend", () => happened(), { once: true });
        buffer.addEventListener("error", () => failed(new NoDecoder("refused")), { once: true });
      });
      act(buffer);
      await ended;
    });
    this.#acting = acted.catch(() => {});
    return acted;
  }
}
