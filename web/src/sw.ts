// The service worker: keeps the shell and the files whose names change with their contents; never a byte from /api.
const SHELL = "shell";

interface Fetching extends Event {
  readonly request: Request;
  respondWith(answer: Promise<Response>): void;
}

addEventListener("install", () => void (self as unknown as { skipWaiting(): Promise<void> }).skipWaiting());

addEventListener("fetch", (event) => {
  const asked = event as Fetching;
  const { origin, pathname } = new URL(asked.request.url);
  if (origin !== location.origin || asked.request.method !== "GET") return;
  if (pathname === "/") asked.respondWith(newest(asked.request));
  else if (pathname.startsWith("/static/assets/")) asked.respondWith(kept(asked.request));
});

/** From the camera; what was kept, when it is away. */
async function newest(request: Request): Promise<Response> {
  const shell = await caches.open(SHELL);
  try {
    const answer = await fetch(request);
    if (answer.ok) {
      const before = await shell.match("/");
      // Another page means other files: the old ones would stay for good.
      if (before && (await before.text()) !== (await answer.clone().text())) await forgetAll(shell);
      await shell.put("/", answer.clone());
    }
    return answer;
  } catch (away) {
    const before = await shell.match("/");
    if (before) return before;
    throw away;
  }
}

async function kept(request: Request): Promise<Response> {
  const shell = await caches.open(SHELL);
  const before = await shell.match(request);
  if (before) return before;
  const answer = await fetch(request);
  if (answer.ok) await shell.put(request, answer.clone());
  return answer;
}

async function forgetAll(shell: Cache): Promise<void> {
  for (const request of await shell.keys()) await shell.delete(request);
}
