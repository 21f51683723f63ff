// The owner's age identity: out of its locked file with a passphrase, and what it unseals. Runs where `keyholder.ts` runs.
import { Decrypter } from "age-encryption";
import { type Bytes, Damaged } from "./bytes";

const BECH32 = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
const SECRET_SIZE = 32;
// DER of a PKCS #8 X25519 private key, as far as the key itself: WebCrypto imports it in no shorter form.
const PKCS8 = [0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x6e, 0x04, 0x22, 0x04, 0x20];

/** Why a locked identity stayed shut. */
export type Shut = "wrong" | "damaged" | "memory";

export class NotOpened extends Error {
  override name = "NotOpened";

  constructor(readonly why: Shut) {
    super(why);
  }
}

/** An identity that was unlocked; a WebCrypto key that cannot be taken out where this browser has X25519. */
export type Identity = CryptoKey | string;

/** The identity in `locked` (owner.age). Throws `NotOpened`. */
export async function unlocked(locked: Bytes, passphrase: string): Promise<Identity> {
  const decrypter = new Decrypter();
  decrypter.addPassphrase(passphrase);
  let text: string;
  try {
    text = await decrypter.decrypt(locked, "text");
  } catch (error) {
    if (error instanceof RangeError) throw new NotOpened("memory");
    throw new NotOpened(error instanceof Error && error.message.includes("no identity matched") ? "wrong" : "damaged");
  }
  const line = text.split("\n").find((candidate) => candidate.startsWith("AGE-SECRET-KEY-1"));
  if (!line) throw new NotOpened("damaged");
  return (await asKey(line.trim())) ?? line.trim();
}

/** The key in `sealed`, as one that opens and cannot be taken out. Throws `Damaged`. */
export async function unsealed(identity: Identity, sealed: Bytes): Promise<CryptoKey> {
  const decrypter = new Decrypter();
  decrypter.addIdentity(identity);
  let secret: Uint8Array;
  try {
    secret = await decrypter.decrypt(sealed);
  } catch {
    throw new Damaged("this footage was sealed to another owner's key");
  }
  const key = await crypto.subtle.importKey("raw", new Uint8Array(secret), "AES-GCM", false, ["decrypt"]);
  secret.fill(0);
  return key;
}

async function asKey(line: string): Promise<CryptoKey | null> {
  const scalar = scalarOf(line);
  const encoded = new Uint8Array([...PKCS8, ...scalar]);
  scalar.fill(0);
  try {
    return await crypto.subtle.importKey("pkcs8", encoded, { name: "X25519" }, false, ["deriveBits"]);
  } catch {
    return null;
  } finally {
    encoded.fill(0);
  }
}

/** The 32 bytes of an age secret key; age authenticated the text, so its checksum need not be looked at. */
function scalarOf(line: string): Bytes {
  const letters = line.slice("AGE-SECRET-KEY-1".length, -6).toLowerCase();
  const scalar = new Uint8Array(SECRET_SIZE);
  let [held, bits, at] = [0, 0, 0];
  for (const letter of letters) {
    held = ((held << 5) | BECH32.indexOf(letter)) & 0xfff;
    bits += 5;
    if (bits >= 8) {
      bits -= 8;
      scalar[at++] = (held >> bits) & 0xff;
    }
  }
  if (at !== SECRET_SIZE || !letters || [...letters].some((letter) => !BECH32.includes(letter))) throw new NotOpened("damaged");
  return scalar;
}
