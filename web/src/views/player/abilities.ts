// What this browser lacks for opening footage by itself.
import { sourceKind } from "../../opening/mediabuffer";

/** WebCrypto exists only where the address is trusted, and workers hold the key. */
export const canOpenHere = (): boolean => globalThis.crypto?.subtle !== undefined && typeof Worker !== "undefined";

/** Whether footage can be fed to this browser at all. */
export const canPlay = (): boolean => sourceKind() !== null;
