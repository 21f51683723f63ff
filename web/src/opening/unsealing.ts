// A person's age identity: out of its locked file with a passphrase, and what it unseals. Runs where `keyholder.ts` runs.
// What is sealed to two people is an age file in an age file, as docs/design/keys.md has it.
import { Decrypter, Encrypter } from "age-encryption";
import { type Bytes, Damaged, Withheld } from "./bytes";

const BECH32 = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
const SECRET_SIZE = 32;
const AGE_FILE = new TextEncoder().encode("age-encryption.org/v1\n");
// DER of a PKCS #8 X25519 private key, as far as the key itself: WebCrypto imports it in no shorter form.
const PKCS8 = [0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x6e, 0x04, 0x22, 0x04, 0x20];

/** Why a locked identity stayed shut; "none": there is none yet. */
export type Shut = "wrong" | "damaged" | "memory" | "none";

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

/** The key in `sealed`, through one layer or both, as one that opens and cannot be taken out. Throws `Damaged`, `Withheld`. */
export async function unsealed(identities: readonly Identity[], sealed: Bytes): Promise<CryptoKey> {
  const outer = await withoutLayer(identities, sealed);
  const secret = isSealed(outer) ? await withoutLayer(identities, outer) : outer;
  if (secret.length !== SECRET_SIZE) throw new Damaged("this is no key of an epoch");
  const key = await crypto.subtle.importKey("raw", secret, "AES-GCM", false, ["decrypt"]);
  secret.fill(0);
  return key;
}

/**
 * `sealed` without the layer that these identities open, sealed to `recipients`: what a permit puts in its place.
 * The key itself never leaves here. Throws `Damaged`, `Withheld`.
 */
export async function resealed(identities: readonly Identity[], sealed: Bytes, recipients: readonly string[]): Promise<Bytes> {
  const content = await withoutLayer(identities, sealed);
  if (content.length !== SECRET_SIZE && !isSealed(content)) throw new Damaged("this is no key of an epoch");
  const encrypter = new Encrypter();
  for (const recipient of recipients) encrypter.addRecipient(recipient);
  const anew = await encrypter.encrypt(content);
  content.fill(0);
  return new Uint8Array(anew);
}

/**
 * What is under the layer of the owner who asks, where that is sealed to operators still; null where it is not.
 * Throws `Damaged`, `Withheld`.
 */
export async function offered(identities: readonly Identity[], sealed: Bytes): Promise<Bytes | null> {
  const content = await withoutLayer(identities, sealed);
  if (isSealed(content)) return content;
  content.fill(0);
  return null;
}

async function withoutLayer(identities: readonly Identity[], sealed: Bytes): Promise<Bytes> {
  const decrypter = new Decrypter();
  for (const identity of identities) decrypter.addIdentity(identity);
  try {
    return new Uint8Array(await decrypter.decrypt(sealed));
  } catch (error) {
    const others = error instanceof Error && error.message.includes("no identity matched");
    throw others ? new Withheld("this footage was sealed to somebody else") : new Damaged("a sealed key is damaged");
  }
}

const isSealed = (content: Bytes): boolean => AGE_FILE.every((byte, at) => content[at] === byte);

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
