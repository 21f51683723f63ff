// Who is signed in, by their own key: unlocked by a passphrase that goes nowhere, forgotten when it is not used.
import { ask } from "../camera/http";
import { visitor } from "../camera/signedin";
import { Watched } from "../camera/watched";
import { type Bytes, Damaged, fromBase64, Withheld } from "./bytes";
import type { Reply } from "./keyholder";
import keyholder from "./keyholder?worker&url";
import { Tries } from "./tries";
import type { Shut } from "./unsealing";

export const IDLE_MS = 600_000;

/** The key of who is signed in, as the camera keeps it: locked, and its public half. */
export interface KeptIdentity {
  readonly kind: "owner" | "operator";
  /** Base64; empty where they have none. */
  readonly locked: string;
  readonly recipient: string;
}

/** What the camera keeps for who is signed in. Throws `Refusal`. */
export const keptIdentity = (): Promise<KeptIdentity> => ask<KeptIdentity>("/api/identity");

/** A passphrase that was not taken: wrong, too early (`waitS`), or the key file is not one, or is too large for us. */
export class Refused extends Error {
  override name = "Refused";
  readonly why: Shut | "early";
  readonly waitS: number;

  constructor(why: Shut | "early", waitS = 0) {
    super(why);
    this.why = why;
    this.waitS = waitS;
  }
}

/** Footage is locked: nobody gave the passphrase, or it was forgotten. */
export class Locked extends Error {
  override name = "Locked";
}

type Asked = { answer: (reply: Reply) => void; fail: (error: Error) => void };

/** Holds identities, in a worker; `open` says whether there is one. */
export class Keyring {
  readonly open = new Watched(false);
  readonly #tries = new Tries();
  readonly #asked = new Map<number, Asked>();
  #worker: Worker | null = null;
  #idle: ReturnType<typeof setTimeout> | undefined;
  #count = 0;

  /** Throws `Refused`, and `Refusal` when the camera does not give the locked key. */
  async unlock(passphrase: string): Promise<void> {
    const waitS = this.#tries.waitS(performance.now());
    if (waitS > 0) throw new Refused("early", waitS);
    const { locked } = await keptIdentity();
    if (!locked) throw new Refused("none");
    this.lock();
    await this.#add(fromBase64(locked), passphrase);
  }

  /** A second person's identity beside the one that is open: both sit here. Throws `Refused`, `Locked`. */
  async unlockAlso(locked: Bytes, passphrase: string): Promise<void> {
    if (!this.open.value) throw new Locked();
    const waitS = this.#tries.waitS(performance.now());
    if (waitS > 0) throw new Refused("early", waitS);
    await this.#add(locked, passphrase);
  }

  /** The key in `sealed`. Throws `Locked`, `Damaged`, `Withheld`. */
  async unseal(sealed: Bytes): Promise<CryptoKey> {
    const reply = await this.#askOpen({ sealed });
    if ("key" in reply) return reply.key;
    throw failure(reply);
  }

  /** `sealed` for `recipients` in place of us; one layer of it. Throws as `unseal`. */
  async reseal(sealed: Bytes, recipients: readonly string[]): Promise<Bytes> {
    const reply = await this.#askOpen({ sealed, recipients });
    if ("anew" in reply && reply.anew) return reply.anew;
    throw failure(reply);
  }

  /** `sealed` without the owner's layer, for an operator to open; null where that is the only one. Throws as `unseal`. */
  async offer(sealed: Bytes): Promise<Bytes | null> {
    const reply = await this.#askOpen({ sealed, recipients: [] });
    if ("anew" in reply) return reply.anew;
    throw failure(reply);
  }

  /** Somebody watches: the ten minutes begin anew. */
  used(): void {
    clearTimeout(this.#idle);
    if (this.open.value) this.#idle = setTimeout(() => this.lock(), IDLE_MS);
  }

  /** Forget the identity: its worker, and with it every copy, is ended. */
  lock(): void {
    clearTimeout(this.#idle);
    this.#worker?.terminate();
    this.#worker = null;
    for (const { fail } of this.#asked.values()) fail(new Locked());
    this.#asked.clear();
    this.open.set(false);
  }

  async #add(locked: Bytes, passphrase: string): Promise<void> {
    const reply = await this.#ask({ locked, passphrase: passphrase.normalize("NFKC") });
    if ("done" in reply) {
      this.#tries.right();
      this.open.set(true);
      return this.used();
    }
    if (!this.open.value) this.lock();
    const why = "shut" in reply ? (reply.shut as Shut) : "damaged";
    if (why === "wrong") this.#tries.wrong(performance.now());
    throw new Refused(why, this.#tries.waitS(performance.now()));
  }

  #askOpen(question: object): Promise<Reply> {
    if (!this.open.value) return Promise.reject(new Locked());
    this.used();
    return this.#ask(question);
  }

  #ask(question: object): Promise<Reply> {
    const worker = (this.#worker ??= this.#begun());
    const id = ++this.#count;
    return new Promise((answer, fail) => {
      this.#asked.set(id, { answer, fail });
      worker.postMessage({ id, ...question });
    });
  }

  #begun(): Worker {
    const worker = new Worker(scriptUrl(), { type: "module" });
    worker.addEventListener("message", ({ data }: MessageEvent<Reply>) => {
      this.#asked.get(data.id)?.answer(data);
      this.#asked.delete(data.id);
    });
    worker.addEventListener("error", () => {
      for (const { answer } of this.#asked.values()) answer({ id: 0, shut: "memory" });
      this.#asked.clear();
    });
    return worker;
  }
}

function failure(reply: Reply): Damaged {
  if (!("failed" in reply)) return new Damaged("an epoch's key does not open");
  return reply.withheld ? new Withheld(reply.failed) : new Damaged(reply.failed);
}

/** One for the whole page. */
export const keyring = new Keyring();

addEventListener("pagehide", () => keyring.lock());
visitor.subscribe(() => {
  if (!visitor.value) keyring.lock();
});

interface ScriptPolicies {
  createPolicy(name: string, rules: { createScriptURL: (url: string) => string }): { createScriptURL(url: string): unknown };
}

let policy: ReturnType<ScriptPolicies["createPolicy"]> | undefined;

/** The worker's address, as the page's policy wants it named: it may be no other. */
function scriptUrl(): string {
  const policies = (globalThis as { trustedTypes?: ScriptPolicies }).trustedTypes;
  if (!policies) return keyholder;
  policy ??= policies.createPolicy("edgecam-keyholder", { createScriptURL: () => keyholder });
  return policy.createScriptURL(keyholder) as string;
}
