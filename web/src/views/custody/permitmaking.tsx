// The keys of a permit: made in the browser of whoever grants, who opens their own first.
import { Refusal } from "../../camera/refusal";
import { keyring } from "../../opening/identity";
import { UnlockSheet } from "../../pieces/UnlockSheet";
import { say } from "../../words/words";
import type { Policy } from "./answers";

/** Whether a grant has to bring keys along: under "shared" the asker's own key opens what they may see. */
export const bringsKeys = (told: Pick<Policy, "sealing"> | undefined): boolean => told?.sealing !== "shared";

/** Whether footage is open in this browser. */
export const isOpenHere = (): boolean => keyring.open.value;

/** Make and leave the keys of a case that is to be granted. Throws `Refusal`, `Locked`. */
export async function makeKeys(caseId: string): Promise<void> {
  const { grantKeys, NoRecipient } = await import("../../opening/granting");
  try {
    const { left, unopened } = await grantKeys(caseId);
    if (left === 0 && unopened > 0) throw new Refusal("NotAllowed", say("decide.unopened"));
  } catch (error) {
    if (error instanceof NoRecipient) throw new Refusal("NotAllowed", say("decide.no_key_yet"));
    throw error;
  }
}

interface OpenFirstProps {
  text: string;
  onOpen: () => void;
  onClose: () => void;
}

/** Asks for the passphrase that opens footage in this browser. */
export function OpenFirst({ text, onOpen, onClose }: OpenFirstProps) {
  return <UnlockSheet title={say("unlock_title")} text={<p>{text}</p>} done={say("unlocked")} onOpen={onOpen} onClose={onClose} />;
}
