import { beforeAll, expect, test } from "vitest";
import sealing from "../../../tests/vectors/sealing.json";
import { Damaged, fromBase64, toBase64, viewOf } from "./bytes";
import { OpenEpoch } from "./epoch";
import { isSigned } from "./signature";
import { resealed, unsealed } from "./unsealing";
import { epochAnswer, fragments, init, sealed, unseal, vectors } from "./vectors";

let epoch: OpenEpoch;
beforeAll(async () => {
  epoch = await OpenEpoch.open(epochAnswer, unseal);
});

test("the init is the one that the camera sealed", () => {
  expect(epoch.init).toEqual(init);
  expect(epoch.number).toBe(7);
  expect(epoch.fingerprint).toHaveLength(16);
});

test("every segment opens to the bytes that the camera sealed, signed by it", async () => {
  for (const [index, told] of vectors.segments.entries()) {
    const opened = await epoch.open(sealed(index));
    expect(opened.fragment).toEqual(fragments[told.fragment]);
    expect(opened.startMs).toBe(told.start_ms);
    expect(opened.durationMs).toBe(1000);
    expect(opened.signed).toBe(true);
  }
});

test("a segment that was touched does not open", async () => {
  const { header, payload } = sealed(0);
  for (const at of [0, 20, payload.length - 1]) {
    const hurt = payload.slice();
    hurt[at]! ^= 1;
    await expect(epoch.open({ header, payload: hurt })).rejects.toThrow(Damaged);
  }
  await expect(epoch.open({ header: sealed(1).header, payload })).rejects.toThrow(Damaged);
  await expect(epoch.open({ header: { ...header, signature: new Uint8Array(64) }, payload })).rejects.toThrow("signed");
  await expect(epoch.open({ header: { ...header, epoch: 8 }, payload })).rejects.toThrow("another epoch");
});

test("an epoch of another camera, or one that was touched, does not open", async () => {
  const other = { ...epochAnswer, camera_public: btoa("x".repeat(32)) };
  await expect(OpenEpoch.open(other, unseal)).rejects.toThrow(Damaged);
  const bound = fromBase64(epochAnswer.bound_to);
  bound[16]! ^= 1;
  const moved = { ...epochAnswer, bound_to: btoa(String.fromCharCode(...bound)) };
  await expect(OpenEpoch.open(moved, unseal)).rejects.toThrow("not signed");
  await expect(OpenEpoch.open({ ...epochAnswer, sealed_init: btoa("short") }, unseal)).rejects.toThrow(Damaged);
  await expect(OpenEpoch.open({ ...epochAnswer, bound_to: "?" }, unseal)).rejects.toThrow(Damaged);
});

test("footage that was dated anew is where the camera found it to be", async () => {
  const redated = await OpenEpoch.open({ ...epochAnswer, redated: true, start_ms: epochAnswer.start_ms + 5_000_000 }, unseal);
  expect(redated.momentMs(sealed(1).header)).toBe(vectors.segments[1]!.start_ms + 5_000_000);
});

test("a wall clock that leapt inside an epoch is told by the boot clock", () => {
  const { header } = sealed(1);
  const leapt = { ...header, startWallNs: header.startWallNs + 3_600_000_000_000n };
  expect(epoch.momentMs(leapt)).toBe(vectors.segments[1]!.start_ms);
});

test("a browser without Ed25519 says that it cannot tell", async () => {
  expect(await isSigned(new Uint8Array(31), new Uint8Array(1), new Uint8Array(64))).toBeNull();
  expect(viewOf(sealed(0).header.signature).byteLength).toBe(64);
});

test("what a permit puts in place of the slot's key opens the same, and the slot proves itself all the same", async () => {
  const [[kim], [kims]] = [sealing.operators, sealing.operator_recipients] as [string[], string[]];
  const permit = await resealed([vectors.secret], fromBase64(epochAnswer.sealed_key), [kims!]);
  const permitted = { ...epochAnswer, sealed_key: toBase64(permit) };
  const opened = await OpenEpoch.open(permitted, (key) => unsealed([kim!], key));
  expect((await opened.open(sealed(0))).fragment).toEqual(fragments[vectors.segments[0]!.fragment]);
  await expect(OpenEpoch.open({ ...permitted, key_size: permit.length + 1 }, unseal)).rejects.toThrow("not signed");
});
