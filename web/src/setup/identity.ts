// The owner's identity as it is made: here in the browser, and locked here under the passphrase.
import { Decrypter, Encrypter, generateX25519Identity, identityToRecipient } from "age-encryption";

export interface NewOwner {
  /** `AGE-SECRET-KEY-1…`: it belongs on paper, and leaves this browser in no other way. */
  secret: string;
  /** `age1…`, which anybody may know. */
  recipient: string;
  /** The secret under the passphrase, an age file. */
  locked: Uint8Array;
}

/** A new identity; takes a second, in which the page stands still. */
export async function makeOwner(passphrase: string): Promise<NewOwner> {
  const secret = await generateX25519Identity();
  const encrypter = new Encrypter();
  encrypter.setPassphrase(passphrase.normalize("NFKC"));
  return { secret, recipient: await identityToRecipient(secret), locked: await encrypter.encrypt(`${secret}\n`) };
}

/** The secret in a locked identity; `null` when the passphrase does not open it. */
export async function secretIn(locked: Uint8Array, passphrase: string): Promise<string | null> {
  const decrypter = new Decrypter();
  decrypter.addPassphrase(passphrase.normalize("NFKC"));
  try {
    const text = await decrypter.decrypt(locked, "text");
    return text.split("\n").find((line) => line.startsWith("AGE-SECRET-KEY-1"))?.trim() ?? null;
  } catch {
    return null;
  }
}
