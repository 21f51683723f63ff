// The way to the camera: JSON in and out, and what it refuses as one kind of error.
// @ts-check

/** What the camera answered instead: `kind` is one of its few kinds of failure, or "Unreachable". */
export class Refusal extends Error {
  /** @param {string} kind @param {string} what @param {number} waitS */
  constructor(kind, what, waitS = 0) {
    super(what);
    this.kind = kind;
    this.waitS = waitS;
  }
}

const PATIENCE_MS = 5000;

/** @param {string} path */
export async function ask(path) {
  return (await request(path, { signal: AbortSignal.timeout(PATIENCE_MS) })).json();
}

/** @param {string} path @param {unknown} body */
export async function tell(path, body) {
  const headers = { "Content-Type": "application/json" };
  return (await request(path, { method: "POST", headers, body: JSON.stringify(body) })).json();
}

/** One picture and its moment. @param {string} path */
export async function picture(path) {
  const answer = await request(path, { signal: AbortSignal.timeout(PATIENCE_MS) });
  return { jpeg: await answer.blob(), capturedMs: Number(answer.headers.get("X-Captured-Ms")) };
}

/**
 * The answer's stream, once the camera has agreed to give it.
 * @param {string} path @param {AbortSignal} signal
 */
export async function stream(path, signal) {
  const answer = await request(path, { signal });
  if (!answer.body) throw new Refusal("Unreachable", "no stream");
  return { headers: answer.headers, reader: answer.body.getReader() };
}

/** @param {string} path @param {RequestInit} options */
async function request(path, options) {
  let answer;
  try {
    answer = await fetch(path, { cache: "no-store", ...options });
  } catch (error) {
    throw new Refusal("Unreachable", String(error));
  }
  if (answer.ok) return answer;
  const told = await answer.json().catch(() => ({}));
  throw new Refusal(told.kind ?? "Unreachable", [told.what, told.do].filter(Boolean).join("; "), told.wait_s ?? 0);
}
