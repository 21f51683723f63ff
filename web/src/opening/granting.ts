// Permits that are keys: who allows a look leaves, for each epoch, what opens it for the one who asked.
import { ask, tell } from "../camera/http";
import { type Bytes, Damaged, fromBase64, hex, toBase64, Withheld } from "./bytes";
import { type EpochAnswer, provedSlot, ringIdOf } from "./epoch";
import { keyring } from "./identity";

const SOURCES = ["ring", "album"] as const;

/** The one who asked has no key yet, so nothing can be sealed to them. */
export class NoRecipient extends Error {
  override name = "NoRecipient";
}

/** How many epochs got a key, and how many could not be opened here. */
export interface Left {
  left: number;
  unopened: number;
}

interface CaseEpochs {
  mine: boolean;
  recipients: string[];
  epochs: EpochAnswer[];
  more: boolean;
}

/** What stands for an epoch's sealed key; null where nothing needs to. */
type Makes = (sealed: Bytes, recipients: readonly string[]) => Promise<Bytes | null>;

/**
 * Before somebody is allowed to look: open every epoch of the case with the key that is unlocked here, and leave it
 * sealed to the one who asked. Throws `Refusal`, `Locked`, `NoRecipient`.
 */
export const grantKeys = (caseId: string): Promise<Left> =>
  leave(caseId, (sealed, recipients) => {
    if (recipients.length === 0) throw new NoRecipient();
    return keyring.reseal(sealed, recipients);
  });

/**
 * For an owner who asks where it takes two: take the owner's layer off every epoch of the case, so that an operator
 * can open what is under it. Throws `Refusal`, `Locked`.
 */
export const offerKeys = (caseId: string): Promise<Left> => leave(caseId, (sealed) => keyring.offer(sealed));

async function leave(caseId: string, makes: Makes): Promise<Left> {
  const path = `/api/cases/${encodeURIComponent(caseId)}`;
  const done: Left = { left: 0, unopened: 0 };
  for (const source of SOURCES)
    for (let told = 0, more = true; more; ) {
      const answer = await ask<CaseEpochs>(`${path}/epochs?source=${source}&told=${told}`, AbortSignal.timeout(60_000));
      const keys = [];
      for (const epoch of answer.epochs) {
        const made = await keyFor(epoch, answer.recipients, makes);
        if (made) keys.push(made);
        else done.unopened += 1;
      }
      if (keys.length > 0) await tell(`${path}/keys`, { keys }, "PUT");
      done.left += keys.length;
      told += answer.epochs.length;
      more = answer.more;
    }
  return done;
}

/** Null for one that is damaged, or sealed to somebody else. */
async function keyFor(epoch: EpochAnswer, recipients: readonly string[], makes: Makes) {
  try {
    const ring = hex(ringIdOf(await provedSlot(epoch)));
    const sealed = await makes(fromBase64(epoch.sealed_key), recipients);
    return sealed && { ring, epoch: epoch.epoch, sealed_key: toBase64(sealed) };
  } catch (error) {
    if (error instanceof Damaged || error instanceof Withheld) return null;
    throw error;
  }
}
