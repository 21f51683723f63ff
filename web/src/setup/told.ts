// How far the first run is, and what this browser keeps in memory of it, and nowhere else.
import { ask, tell } from "../camera/http";
import { meet, recognise, welcome, type Welcome } from "../camera/signedin";
import { signInSecret } from "../camera/signinsecret";
import { status } from "../camera/told";
import { Watched } from "../camera/watched";
import { go } from "../route";
import type { Language } from "../words/words";
import type { NewOwner } from "./identity";

export const STEPS = ["language", "owner", "kit", "notice", "retention", "aim", "masks", "sign", "broker", "summary"] as const;
export type StepName = (typeof STEPS)[number];

export interface SetupState {
  owned: boolean;
  /** Whether this browser may take steps now. */
  yours: boolean;
  language: Language;
  finished: boolean;
  recording: boolean;
  source: string;
  /** No camera was found: the light is drawn. */
  drawn: boolean;
  /** 0: the clock was never set. */
  clock: number;
  ring: string;
  steps: Record<StepName, "done" | "open" | "later"> | null;
  /** What was wrong at the last start of an image, in English. */
  problems?: string[];
  /** Whether updates are installed by themselves; "" where no address is set from which they come. */
  updating?: "" | "unasked" | "on" | "off";
}

export interface Kept {
  fps: number;
  quality: string;
  days: number;
  verdict: "kept" | "squeezed" | "short";
}

export interface Plan {
  policy: string;
  floor_days: number;
  ceiling_days: number;
  civil: boolean;
  size_gib: number;
  most_gib: number;
  least_gib: number;
  most_days: number;
  width: number;
  height: number;
  present: Kept;
  picked: Kept | null;
  what: string;
  do: string;
  fixed: boolean;
  /** There is a partition for the ring: nobody chooses its size. */
  partition?: boolean;
}

export const OWNER = "owner";
const AGAIN_MS = 700;
const PATIENCE_MS = 60_000;

export const setup = new Watched<SetupState | undefined>(undefined);
export const away = new Watched(false);
/** The identity that was made in this page, until its kit is proved. */
export const made = new Watched<NewOwner | null>(null);

/** The camera starts anew because of us: whoever is signed in will be again. */
export const coming = new Watched(false);

let secret = "";

/** Ask how far it is. Never throws; `away` says whether the camera answered. */
export async function renew(): Promise<void> {
  try {
    setup.set(await ask<SetupState>("/api/setup"));
    away.set(false);
  } catch {
    away.set(true);
  }
}

/** What comes of the passphrase; kept while this page is open, so that a camera that starts again knows us. */
export async function deriveSecret(passphrase: string): Promise<string> {
  secret = await signInSecret(passphrase, cameraId(), OWNER);
  return secret;
}

/** The sign-in secret, where the passphrase was typed in this page; else "". */
export const keptSecret = (): string => secret;

export const cameraId = (): string => welcome.value?.camera_id ?? "";

/** Sign in as the owner with what was kept. Throws `Refusal`. */
export async function signInAgain(): Promise<void> {
  await tell("/api/sign-in", { name: OWNER, secret });
  await recognise();
}

/** Wait until the camera, which starts anew, is back, and sign in again; false when it stays away. */
export async function comeBack(ready: (met: Welcome) => boolean = () => true): Promise<boolean> {
  const until = performance.now() + PATIENCE_MS;
  coming.set(secret !== "");
  try {
    return await isBack(until, ready);
  } finally {
    coming.set(false);
  }
}

async function isBack(until: number, ready: (met: Welcome) => boolean): Promise<boolean> {
  while (performance.now() < until) {
    await new Promise((again) => setTimeout(again, AGAIN_MS));
    try {
      if (!ready(await ask<Welcome>("/api/welcome"))) continue;
      if (secret) await tell("/api/sign-in", { name: OWNER, secret });
      await meet();
      await renew();
      return true;
    } catch {
      // it is still away
    }
  }
  return false;
}

/** Keep that a step was taken. Throws `Refusal`. */
export async function note(step: StepName): Promise<void> {
  await tell(`/api/setup/steps/${step}`);
  await renew();
}

/** The view from before any mask ends: it has served. */
export async function endSight(): Promise<void> {
  await tell("/api/installer/end").catch(() => {});
  await status.renew();
}

/** The step to show when nobody asked for one: the first that is open. */
export const firstOpen = (state: SetupState): StepName => STEPS.find((step) => state.steps?.[step] === "open") ?? "summary";

/** Show a step; "back" leads to the one before. */
export const show = (step: StepName): void => go("/setup", { step });

/** Show the step after `step`. */
export const showNext = (step: StepName): void => show(STEPS[Math.min(STEPS.length - 1, STEPS.indexOf(step) + 1)] ?? "summary");
