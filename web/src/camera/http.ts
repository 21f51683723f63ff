// The way to the camera: JSON and octets in and out, and every refusal as one kind of error.
import { Refusal } from "./refusal";

const PATIENCE_MS = 5000;

type Method = "POST" | "PUT" | "PATCH" | "DELETE";

let signedOut = (): void => {};

/** Call `answer` whenever the camera says that this browser is not signed in any more. */
export function onSignedOut(answer: () => void): void {
  signedOut = answer;
}

/** The JSON that `path` answers. Throws `Refusal`. */
export async function ask<T>(path: string, signal: AbortSignal = AbortSignal.timeout(PATIENCE_MS)): Promise<T> {
  return (await request(path, { signal })).json() as Promise<T>;
}

/** Send `body` as JSON, and give the JSON that is answered. Throws `Refusal`. */
export async function tell<T>(path: string, body: unknown = {}, method: Method = "POST"): Promise<T> {
  const headers = { "Content-Type": "application/json" };
  const answer = await request(path, { method, headers, body: JSON.stringify(body) });
  return (answer.status === 204 ? undefined : await answer.json()) as T;
}

/** The octets that `path` answers, whole. Throws `Refusal`. */
export async function octets(path: string, signal?: AbortSignal): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await (await request(path, signal ? { signal } : {})).arrayBuffer());
}

/** One picture and its moment. Throws `Refusal`. */
export async function picture(path: string): Promise<{ jpeg: Blob; capturedMs: number }> {
  return pictureIn(await request(path, { signal: AbortSignal.timeout(PATIENCE_MS) }));
}

/** The picture that is made of `body`. Throws `Refusal`. */
export async function pictureOf(path: string, body: unknown): Promise<{ jpeg: Blob; capturedMs: number }> {
  const told = { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) };
  return pictureIn(await request(path, { ...told, signal: AbortSignal.timeout(PATIENCE_MS) }));
}

async function pictureIn(answer: Response): Promise<{ jpeg: Blob; capturedMs: number }> {
  return { jpeg: await answer.blob(), capturedMs: Number(answer.headers.get("X-Captured-Ms")) };
}

export interface Stream {
  headers: Headers;
  reader: ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>>;
}

/** The answer's stream, once the camera has agreed to give it. Throws `Refusal`. */
export async function stream(path: string, signal: AbortSignal): Promise<Stream> {
  const answer = await request(path, { signal });
  if (!answer.body) throw new Refusal("Unreachable", "no stream");
  return { headers: answer.headers, reader: answer.body.getReader() };
}

async function request(path: string, options: RequestInit): Promise<Response> {
  let answer: Response;
  try {
    answer = await fetch(path, { cache: "no-store", ...options });
  } catch (error) {
    throw new Refusal("Unreachable", String(error));
  }
  if (answer.ok) return answer;
  throw await refusalOf(answer);
}

async function refusalOf(answer: Response): Promise<Refusal> {
  const told = (await answer.json().catch(() => ({}))) as Record<string, unknown>;
  const text = (name: string) => (typeof told[name] === "string" ? (told[name] as string) : "");
  if (answer.status === 401) signedOut();
  return new Refusal(text("kind") || "Unreachable", text("what"), {
    act: text("do"),
    safe: text("safe"),
    field: text("field"),
    waitS: typeof told["wait_s"] === "number" ? told["wait_s"] : 0,
    status: answer.status,
  });
}
