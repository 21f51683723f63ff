// A worker that alone holds identities: when it is ended, nothing of them is left.
import { type Bytes, Withheld } from "./bytes";
import { type Identity, NotOpened, offered, resealed, unlocked, unsealed } from "./unsealing";

/**
 * What is asked of the worker; each question has a number, and its answer has the same. `locked` adds an identity to
 * those that are here. With `recipients` a sealed key goes over to them; without any, it is offered to operators.
 */
export type Question = { id: number } & (
  | { locked: Bytes; passphrase: string }
  | { sealed: Bytes; recipients?: readonly string[] }
);
export type Reply = { id: number } & (
  | { done: true }
  | { key: CryptoKey }
  | { anew: Bytes | null }
  | { shut: string }
  | { failed: string; withheld: boolean }
);

const identities: Identity[] = [];

addEventListener("message", (event: MessageEvent<Question>) => void answered(event.data));

async function answered(question: Question): Promise<void> {
  postMessage(await replyTo(question));
}

async function replyTo(question: Question): Promise<Reply> {
  const { id } = question;
  try {
    if ("locked" in question) {
      identities.push(await unlocked(question.locked, question.passphrase));
      return { id, done: true };
    }
    if (identities.length === 0) return { id, failed: "locked", withheld: false };
    const { sealed, recipients } = question;
    if (!recipients) return { id, key: await unsealed(identities, sealed) };
    return { id, anew: recipients.length > 0 ? await resealed(identities, sealed, recipients) : await offered(identities, sealed) };
  } catch (error) {
    return error instanceof NotOpened ? { id, shut: error.why } : { id, failed: String(error), withheld: error instanceof Withheld };
  }
}
