// Who looks at the page: asked once, kept until they sign out or the camera ends it.
import type { Me, SignedInAs, Welcome } from "./answers";
import { ask, onSignedOut, tell } from "./http";
import { showPasskey } from "./passkey";
import { Refusal } from "./refusal";
import { signInSecret } from "./signinsecret";
import { Watched } from "./watched";

export type { Welcome } from "./answers";
export type Role = "owner" | "operator" | "installer";
/** Who is signed in, as the camera knows them. */
export type Visitor = Omit<Me, "role"> & { role: Role };

/** `undefined` until the camera has answered; `null` when nobody is signed in. */
export const visitor = new Watched<Visitor | null | undefined>(undefined);
/** What the camera tells anybody. */
export const welcome = new Watched<Welcome | undefined>(undefined);
/** The word that the sign-in screen begins with: "expired" after a session that ended by itself, "restarted" with the camera. */
export const ended = new Watched<"" | "expired" | "restarted" | "signed_out">("");

const RESTART_MS = 60_000;
let restartsUntilMs = 0;

/** The camera starts anew by what was just set, and forgets who is signed in: whoever is told so knows why. */
export function expectRestart(): void {
  restartsUntilMs = performance.now() + RESTART_MS;
}

onSignedOut(() => {
  if (visitor.value) ended.set(performance.now() < restartsUntilMs ? "restarted" : "expired");
  visitor.set(null);
});

/** Ask who the camera is and who we are. Throws `Refusal` when the camera is away. */
export async function meet(): Promise<void> {
  const met = await ask<Welcome>("/api/welcome");
  if (met.state === "new") visitor.set(null);
  else await recognise();
  welcome.set(met);
}

/** Ask again who is signed in. Throws `Refusal` when the camera is away. */
export async function recognise(): Promise<void> {
  try {
    visitor.set(await ask<Visitor>("/api/me"));
    ended.set("");
  } catch (error) {
    if (!(error instanceof Refusal) || error.status !== 401) throw error;
    visitor.set(null);
  }
}

/** Sign in by name and passphrase, and by the account's passkey where that is needed too. Throws `Refusal`. */
export async function signIn(typed: string, passphrase: string): Promise<void> {
  const name = accountName(typed);
  const secret = await signInSecret(passphrase, cameraId(), name);
  const { passkey } = await tell<SignedInAs>("/api/sign-in", { name, secret });
  if (passkey) await tell("/api/passkeys/sign-in", { credential: await showPasskey(passkey) });
  await recognise();
}

/** Sign in by a passkey alone. Throws `Refusal`. */
export async function signInByPasskey(): Promise<void> {
  const { options } = await tell<{ options: Record<string, unknown> }>("/api/passkeys/ask");
  await tell("/api/passkeys/sign-in", { credential: await showPasskey(options) });
  await recognise();
}

/** End the session, here and on the camera; it is over here even when the camera is away. */
export async function signOut(): Promise<void> {
  await tell("/api/sign-out").catch(() => {});
  ended.set("signed_out");
  visitor.set(null);
}

/** What the passphrase of whoever is signed in becomes: sensitive acts ask for it once more. */
export const secretAgain = (passphrase: string): Promise<string> =>
  signInSecret(passphrase, cameraId(), visitor.value?.name ?? "");

/** The one form of a name that somebody typed, as the camera forms it: the secret depends on it. */
export const accountName = (typed: string): string => typed.trim().normalize("NFKC").toLowerCase();

export const cameraId = (): string => welcome.value?.camera_id ?? "";

const STAY_MS = 60_000;
let stayedMs = 0;

/** Polling is no sign of life, somebody's hand is: tell it, at most once a minute. */
export function staySignedIn(): () => void {
  const alive = () => {
    if (Date.now() - stayedMs < STAY_MS) return;
    stayedMs = Date.now();
    void tell("/api/me/stay").catch(() => {}); // the next one is told again
  };
  for (const sign of ["pointerdown", "keydown"]) addEventListener(sign, alive);
  return () => {
    for (const sign of ["pointerdown", "keydown"]) removeEventListener(sign, alive);
  };
}
