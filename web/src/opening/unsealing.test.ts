import { expect, test } from "vitest";
import { Damaged, fromBase64, fromHex, Withheld } from "./bytes";
import sealing from "../../../tests/vectors/sealing.json";
import { NotOpened, offered, resealed, unlocked, unsealed } from "./unsealing";
import { vectors } from "./vectors";

const locked = fromBase64(vectors.locked);
const sealedKey = fromBase64(vectors.epoch.sealed_key);

test("the passphrase opens the identity, which then cannot be taken out", async () => {
  const identity = await unlocked(locked, vectors.passphrase);
  expect(identity).toBeInstanceOf(CryptoKey);
  expect((identity as CryptoKey).extractable).toBe(false);
  const key = await unsealed([identity], sealedKey);
  expect(key.extractable).toBe(false);
  expect(key.usages).toEqual(["decrypt"]);
});

test("the identity as text, for browsers without X25519, unseals the same", async () => {
  expect((await unsealed([vectors.secret], sealedKey)).algorithm).toMatchObject({ name: "AES-GCM", length: 256 });
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
  await expect(unsealed([stranger], sealedKey)).rejects.toThrow(Withheld);
  await expect(unsealed([vectors.secret], sealedKey.slice(0, -1))).rejects.toThrow(Damaged);
});

// --- one layer and two, held to the same bytes as the camera --------------------------------------------------------

const [owner, deputy] = sealing.owners as [string, string];
const [kim, park] = sealing.operators as [string, string];
const told = { owner: fromBase64(sealing.owner), shared: fromBase64(sealing.shared), two: fromBase64(sealing.two_person), permit: fromBase64(sealing.permit) };

/** Whether the key that comes out is the one that was sealed. */
async function opens(identities: string[], sealed: Uint8Array<ArrayBuffer>): Promise<boolean> {
  const key = await unsealed(identities, sealed);
  const iv = new Uint8Array(12);
  const same = await crypto.subtle.importKey("raw", fromHex(sealing.secret), "AES-GCM", false, ["encrypt"]);
  const secret = await crypto.subtle.encrypt({ name: "AES-GCM", iv }, same, new Uint8Array(3));
  return (await crypto.subtle.decrypt({ name: "AES-GCM", iv }, key, secret)).byteLength === 3;
}

test("exactly those who have to be there open it", async () => {
  for (const [identities, sealed] of [
    [[owner], told.owner],
    [[deputy], told.shared],
    [[park], told.shared],
    [[owner, kim], told.two],
    [[park, deputy], told.two],
    [[kim], told.permit],
  ] as const)
    expect(await opens([...identities], sealed)).toBe(true);
  for (const [identities, sealed] of [
    [[kim], told.owner],
    [[owner], told.two],
    [[kim], told.two],
    [[owner, deputy], told.two],
    [[kim, park], told.two],
    [[park], told.permit],
    [[owner], told.permit],
  ] as const)
    await expect(unsealed([...identities], sealed)).rejects.toThrow(Withheld);
});

test("an owner who allows a look takes off one layer, for the one who asked alone", async () => {
  const [kims] = sealing.operator_recipients as [string, string];
  const permit = await resealed([owner], told.two, [kims]);
  expect(await opens([kim], permit)).toBe(true);
  for (const other of [park, owner]) await expect(unsealed([other], permit)).rejects.toThrow(Withheld);
  await expect(resealed([kim], told.two, [kims])).rejects.toThrow(Withheld);
});

test("an owner who asks offers what is under the owner's layer, and an operator seals the key to them", async () => {
  const inner = await offered([owner], told.two);
  await expect(unsealed([owner], inner!)).rejects.toThrow(Withheld);
  const permit = await resealed([park], inner!, sealing.owner_recipients);
  expect(await opens([deputy], permit)).toBe(true);
  await expect(unsealed([park], permit)).rejects.toThrow(Withheld);
});

test("the key itself is offered to nobody", async () => {
  expect(await offered([owner], told.owner)).toBeNull();
  expect(await offered([kim], told.shared)).toBeNull();
});
