// Passkeys: made by this device or a security key, and shown to sign in.
import { Refusal } from "./refusal";
import { base64url, fromBase64url } from "./signinsecret";

type Told = Record<string, unknown>;

/** Whether this browser can hold and show passkeys at this address. */
export const canUsePasskeys = (): boolean => isSecureContext && "PublicKeyCredential" in globalThis && !hostIsNumber();

/** What a passkey proves for `options`, as the camera takes it. Throws `Refusal` when none was shown. */
export async function showPasskey(options: Told): Promise<Told> {
  const publicKey = fromJson(options) as unknown as PublicKeyCredentialRequestOptions;
  return toJson(await asked(() => navigator.credentials.get({ publicKey })));
}

/** A new passkey for `options`, as the camera takes it. Throws `Refusal` when none was made. */
export async function makePasskey(options: Told): Promise<Told> {
  const publicKey = fromJson(options) as unknown as PublicKeyCredentialCreationOptions;
  return toJson(await asked(() => navigator.credentials.create({ publicKey })));
}

/** Passkeys belong to a name; browsers refuse them at an address that is a number. */
function hostIsNumber(): boolean {
  return /^[\d.]+$|^\[/.test(location.hostname);
}

async function asked(ask: () => Promise<Credential | null>): Promise<PublicKeyCredential> {
  const credential = await ask().catch(() => null);
  if (!(credential instanceof PublicKeyCredential)) throw new Refusal("NotAllowed", "no passkey was shown");
  return credential;
}

const BINARY = ["challenge", "id"];

/** As `PublicKeyCredential.parse…OptionsFromJSON`, which not every browser has: base64url becomes bytes. */
export function fromJson(told: unknown, name = ""): unknown {
  if (Array.isArray(told)) return told.map((item) => fromJson(item));
  if (typeof told === "string" && BINARY.includes(name)) return fromBase64url(told);
  if (typeof told !== "object" || told === null) return told;
  // The name of the page is an id too, but it is text.
  const keep = "name" in told && !("displayName" in told);
  return Object.fromEntries(Object.entries(told).map(([key, value]) => [key, keep ? value : fromJson(value, key)]));
}

/** As `PublicKeyCredential.toJSON`, which not every browser has. */
function toJson(credential: PublicKeyCredential): Told {
  const { response } = credential;
  const parts = ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"];
  const given = response as unknown as Record<string, ArrayBuffer | null | undefined>;
  const found = parts.filter((part) => given[part]).map((part) => [part, base64url(new Uint8Array(given[part] as ArrayBuffer))]);
  return {
    id: credential.id,
    rawId: base64url(new Uint8Array(credential.rawId)),
    type: credential.type,
    authenticatorAttachment: credential.authenticatorAttachment ?? undefined,
    clientExtensionResults: credential.getClientExtensionResults(),
    response: Object.fromEntries(found),
  };
}
