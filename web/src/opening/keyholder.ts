// A worker that alone holds the owner's identity: when it is ended, nothing of it is left.
import { type Bytes } from "./bytes";
import { type Identity, NotOpened, unlocked, unsealed } from "./unsealing";

/** What is asked of the worker; each question has a number, and its answer has the same. */
export type Question = { id: number } & ({ locked: Bytes; passphrase: string } | { sealed: Bytes });
export type Reply = { id: number } & ({ done: true } | { key: CryptoKey } | { shut: string } | { failed: string });

let identity: Identity | null = null;

addEventListener("message", (event: MessageEvent<Question>) => void answered(event.data));

async function answered(question: Question): Promise<void> {
  postMessage(await replyTo(question));
}

async function replyTo(question: Question): Promise<Reply> {
  const { id } = question;
  try {
    if ("locked" in question) {
      identity = await unlocked(question.locked, question.passphrase);
      return { id, done: true };
    }
    if (identity === null) return { id, failed: "locked" };
    return { id, key: await unsealed(identity, question.sealed) };
  } catch (error) {
    return error instanceof NotOpened ? { id, shut: error.why } : { id, failed: String(error) };
  }
}
