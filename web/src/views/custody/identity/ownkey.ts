// Whether whoever is signed in has a key of their own, with which footage is opened once it is permitted.
import { Renewed } from "../../../camera/renewed";
import { visitor } from "../../../camera/signedin";
import { useWatched } from "../../../camera/watched";
import type { KeptIdentity } from "../../../opening/identity";



const EVERY_MS = 300_000;

export const ownKey = new Renewed<KeptIdentity>("/api/identity", EVERY_MS);

visitor.subscribe(() => ownKey.forget());

/** "unknown" until the camera said so. */
export function useOwnKey(): "unknown" | "none" | "there" {
  const told = useWatched(ownKey).answer;
  if (!told) return "unknown";
  return told.locked ? "there" : "none";
}
