// The page's own files are kept by the browser, so that it opens, and says what is wrong, while the camera is away.
const SHELL = "shell";

/** Does nothing where browsers forbid it: plain HTTP that is not loopback, certificates nobody trusts, private windows. */
export function keepForOffline(): void {
  if (!import.meta.env.PROD || !isSecureContext || !("serviceWorker" in navigator)) return;
  const begin = () => void keep().catch(() => {}); // without it the page works as well, while the camera is there
  // After everything that is shown first.
  if (document.readyState === "complete") begin();
  else addEventListener("load", begin);
}

async function keep(): Promise<void> {
  await navigator.serviceWorker.register(trusted("/sw.js"), { scope: "/" });
  // Loaded before the worker was there, so it could not keep them itself.
  const loaded = performance.getEntriesByType("resource").map((entry) => new URL(entry.name).pathname);
  const assets = loaded.filter((path) => path.startsWith("/static/assets/"));
  await (await caches.open(SHELL)).addAll(["/", ...new Set(assets)]);
}

interface ScriptPolicies {
  createPolicy(name: string, rules: { createScriptURL: (url: string) => string }): { createScriptURL(url: string): unknown };
}

/** The page's policy takes an address of a script only from here, and here there is only one. */
function trusted(url: "/sw.js"): string {
  const policies = (globalThis as { trustedTypes?: ScriptPolicies }).trustedTypes;
  return (policies?.createPolicy("edgecam", { createScriptURL: () => url }).createScriptURL(url) ?? url) as string;
}
