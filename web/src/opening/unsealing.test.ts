import { expect, test } from "vitest";
import { Damaged, fromBase64 } from "./bytes";
import { NotOpened, unlocked, unsealed } from "./unsealing";
import { vectors } from "./vectors";

const locked = fromBase64(vectors.locked);
const sealedKey = fromBase64(vectors.epoch.sealed_key);

test("the passphrase opens the identity, which then cannot be taken out", async () => {
  const identity = await unlocked(locked, vectors.passphrase);
  expect(identity).toBeInstanceOf(CryptoKey);
  expect((identity as CryptoKey).extractable).toBe(false);
  const key = await unsealed(identity, sealedKey);
  expect(key.extractable).toBe(false);
  expect(key.usages).toEqual(["decrypt"]);
});

test("the identity as text, for browsers without X25519, unseals the same", async () => {
  expect((await unsealed(vectors.secret, sealedKey)).algorithm).toMatchObject({ name: "AES-GCM", length: 256 });
});

test("a wrong passphrase, and a file that is none, are told apart", async () => {
  await expect(unlocked(locked, "not the passphrase")).rejects.toMatchObject({ why: "wrong" });
  for (const hurt of [new Uint8Array(0), locked.slice(0, 60), new TextEncoder().encode("no key at all")])
    await expect(unlocked(hurt, vectors.passphrase)).rejects.toThrow(NotOpened);
  const touched = locked.slice();
  touched[touched.length - 1]! ^= 1;
  await expect(unlocked(touched, vectors.passphrase)).rejects.toMatchObject({ why: "damaged" });
});

test("what was sealed to another owner does not open", async () => {
  const stranger = "AGE-SECRET-KEY-1GFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPQ4EGAEX";
  await expect(unsealed(stranger, sealedKey).catch((error) => Promise.reject(error))).rejects.toThrow();
  await expect(unsealed(vectors.secret, sealedKey.slice(0, -1))).rejects.toThrow(Damaged);
});
