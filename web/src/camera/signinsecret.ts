// What a passphrase becomes before it leaves this browser: the camera never learns the passphrase itself.
const ROUNDS = 600_000;
const SIZE_BITS = 256;

/**
 * The secret by which `name` signs in to the camera `cameraId`: base64url without padding of 32 bytes.
 * `tests/vectors/sign_in_secret.json` says what must come out.
 */
export async function signInSecret(passphrase: string, cameraId: string, name: string): Promise<string> {
  const text = new TextEncoder();
  const key = await crypto.subtle.importKey("raw", text.encode(passphrase.normalize("NFKC")), "PBKDF2", false, ["deriveBits"]);
  const salt = text.encode(`edgecam sign-in ${cameraId} ${name}`);
  const derivation = { name: "PBKDF2", hash: "SHA-256", salt, iterations: ROUNDS };
  return base64url(new Uint8Array(await crypto.subtle.deriveBits(derivation, key, SIZE_BITS)));
}

/** Letters, digits, - and _ alone; no padding. */
export function base64url(bytes: Uint8Array): string {
  const plain = btoa(String.fromCharCode(...bytes));
  return plain.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/** The bytes of `text`, in base64url or base64. Throws `DOMException` for anything else. */
export function fromBase64url(text: string): Uint8Array<ArrayBuffer> {
  const plain = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(plain, (letter) => letter.charCodeAt(0));
}

/** Whether this browser can derive the secret: WebCrypto exists only where the address is trusted. */
export const canDerive = (): boolean => globalThis.crypto?.subtle !== undefined;
