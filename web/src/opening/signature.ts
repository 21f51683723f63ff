// Whether the camera signed what it served: Ed25519 in WebCrypto, where this browser has it.
import { type Bytes, hex } from "./bytes";

const KEYS = new Map<string, Promise<CryptoKey | null>>();

/** True and false are proofs; null says that this browser cannot tell. */
export async function isSigned(cameraPublic: Bytes, signed: Bytes, signature: Bytes): Promise<boolean | null> {
  const key = await keyOf(cameraPublic);
  return key === null ? null : crypto.subtle.verify("Ed25519", key, signature, signed);
}

function keyOf(cameraPublic: Bytes): Promise<CryptoKey | null> {
  const name = hex(cameraPublic);
  const known = KEYS.get(name) ?? crypto.subtle.importKey("raw", cameraPublic, "Ed25519", false, ["verify"]).catch(() => null);
  KEYS.set(name, known);
  return known;
}
