// The owner's identity in this browser: unlocked by a passphrase that goes nowhere, forgotten when it is not used.
import { octets } from "../camera/http";
import { visitor } from "../camera/signedin";
import { Watched } from "../camera/watched";
import type { Bytes } from "./bytes";
import { Damaged } from "./bytes";
import type { Reply } from "./keyholder";
import keyholder from "./keyholder?worker&url";
import { Tries } from "./tries";
import type { Shut } from "./unsealing";

export const IDLE_MS = 600_000;

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

/** Holds the identity, in a worker; `open` says whether there is one. */
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
    const locked = await octets("/api/owner-key");
    this.lock();
    const reply = await this.#ask({ locked, passphrase: passphrase.normalize("NFKC") });
    if ("done" in reply) {
      this.#tries.right();
      this.open.set(true);
      return this.used();
    }
    this.lock();
    const why = "shut" in reply ? (reply.shut as Shut) : "damaged";
    if (why === "wrong") this.#tries.wrong(performance.now());
    throw new Refused(why, this.#tries.waitS(performance.now()));
  }

  /** The key in `sealed`. Throws `Locked`, `Damaged`. */
  async unseal(sealed: Bytes): Promise<CryptoKey> {
    if (!this.open.value) throw new Locked();
    this.used();
    const reply = await this.#ask({ sealed });
    if ("key" in reply) return reply.key;
    throw new Damaged("failed" in reply ? reply.failed : "an epoch's key does not open");
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
