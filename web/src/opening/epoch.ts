// Ten minutes of footage under one key: what the camera tells of them, and what they are once their key is unsealed.
import { type InitFacts, readInit } from "./boxes";
import { type Bytes, Damaged, equal, fromBase64, hex, joined, sha256, viewOf } from "./bytes";
import { type SegmentHeader, SALT_SIZE, whole } from "./header";
import type { SealedSegment } from "./records";
import { isSigned } from "./signature";

const NS_PER_MS = 1_000_000n;
const JITTER_NS = 1_000_000_000n;
const SLOT_MAGIC = "edgecamE";
const BOUND_SIZE = 152;
const LIVE = 1;

/** An epoch as `GET /api/ring/epochs` tells it; binary fields are base64. */
export interface EpochAnswer {
  epoch: number;
  start_ms: number;
  end_ms: number;
  redated: boolean;
  /** The slot's, or what a permit puts in its place. */
  sealed_key: string;
  /** The size of the slot's own, which is signed. */
  key_size: number;
  sealed_init: string;
  bound_to: string;
  signature: string;
  camera_public: string;
}

/** Unseals an epoch's key to one that opens and cannot be taken out of the browser. */
export type Unseal = (sealedKey: Bytes) => Promise<CryptoKey>;

/** One segment in the clear. `signed` is null where this browser cannot check the camera's signature. */
export interface OpenedSegment {
  readonly header: SegmentHeader;
  readonly fragment: Bytes;
  readonly epoch: OpenEpoch;
  readonly startMs: number;
  readonly durationMs: number;
  readonly signed: boolean | null;
}

/** An epoch whose key was unsealed. */
export class OpenEpoch {
  private constructor(
    readonly number: number,
    readonly init: Bytes,
    readonly facts: InitFacts,
    readonly cameraPublic: Bytes,
    private readonly key: CryptoKey,
    private readonly dated: { redated: boolean; startNs: bigint; startMonoNs: bigint },
    private readonly ringId: Bytes,
  ) {}

  /** Throws `Damaged` for what is not a live epoch of this camera, and what `unseal` throws. */
  static async open(told: EpochAnswer, unseal: Unseal): Promise<OpenEpoch> {
    const boundTo = await provedSlot(told);
    const view = viewOf(boundTo);
    const [sealedKey, sealedInit] = [told.sealed_key, told.sealed_init].map(fromBase64) as [Bytes, Bytes];
    const cameraPublic = fromBase64(told.camera_public);
    const key = await unseal(sealedKey);
    const init = await decrypted(key, 0, boundTo, sealedInit, "an epoch's init does not authenticate");
    if (!equal(await sha256(init), boundTo.subarray(120, 152))) throw new Damaged("an init is not what its epoch says");
    const dated = {
      redated: told.redated,
      startNs: told.redated ? BigInt(told.start_ms) * NS_PER_MS : view.getBigInt64(40, true),
      startMonoNs: view.getBigUint64(48, true),
    };
    const number = whole(view.getBigUint64(16, true));
    return new OpenEpoch(number, init, readInit(init), cameraPublic, key, dated, ringIdOf(boundTo));
  }

  /** Throws `Damaged` when it does not authenticate, or is not of this epoch or not of this camera. */
  async open({ header, payload }: SealedSegment): Promise<OpenedSegment> {
    if (header.epoch !== this.number || !equal(header.ringId, this.ringId)) throw new Damaged("a segment is of another epoch");
    const signed = await isSigned(this.cameraPublic, header.signed, header.signature);
    if (signed === false) throw new Damaged("a segment is not signed by this camera");
    if (!equal(await sha256(payload), header.sealedHash)) throw new Damaged("a segment is not what was committed");
    const opened = await decrypted(this.key, header.index + 1, header.sealedWith, payload, "a segment does not authenticate");
    if (!equal(await sha256(opened), header.contentHash)) throw new Damaged("a segment is not what its header commits to");
    const fragment = opened.slice(SALT_SIZE);
    const durationMs = Number(header.durationNs) / 1e6;
    return { header, fragment, epoch: this, startMs: this.momentMs(header), durationMs, signed };
  }

  /** When the segment was most likely recorded, which its signed header does not always say. */
  momentMs(header: SegmentHeader): number {
    const byBootClockNs = this.dated.startNs + header.startMonoNs - this.dated.startMonoNs;
    const apart = header.startWallNs - byBootClockNs;
    const leapt = apart > JITTER_NS || apart < -JITTER_NS;
    return Number(this.dated.redated || leapt ? byBootClockNs : header.startWallNs) / 1e6;
  }

  /** The camera's key, short enough to compare by eye. */
  get fingerprint(): string {
    return hex(this.cameraPublic.subarray(0, 8));
  }
}

/** The slot's first bytes, to which all of an epoch is bound. Throws `Damaged` when they are not a live epoch's of this camera. */
export async function provedSlot(told: EpochAnswer): Promise<Bytes> {
  const boundTo = fromBase64(told.bound_to);
  const view = viewOf(boundTo);
  const magic = String.fromCharCode(...boundTo.subarray(0, 8));
  if (boundTo.length !== BOUND_SIZE || magic !== SLOT_MAGIC || view.getUint16(8, true) !== 1 || view.getUint16(10, true) !== LIVE)
    throw new Damaged("this is no live epoch");
  const sizes = new Uint8Array(8);
  viewOf(sizes).setUint16(0, told.key_size, true);
  viewOf(sizes).setUint16(2, fromBase64(told.sealed_init).length, true);
  if ((await isSigned(fromBase64(told.camera_public), joined(boundTo, sizes), fromBase64(told.signature))) === false)
    throw new Damaged("an epoch is not signed by this camera");
  return boundTo;
}

/** The ring to which the slot of these bytes belongs. */
export const ringIdOf = (boundTo: Bytes): Bytes => boundTo.slice(72, 88);

async function decrypted(key: CryptoKey, nonce: number, boundTo: Bytes, sealed: Bytes, otherwise: string): Promise<Bytes> {
  const iv = new Uint8Array(12);
  viewOf(iv).setUint32(0, nonce, true);
  try {
    return new Uint8Array(await crypto.subtle.decrypt({ name: "AES-GCM", iv, additionalData: boundTo }, key, sealed));
  } catch {
    throw new Damaged(otherwise);
  }
}
