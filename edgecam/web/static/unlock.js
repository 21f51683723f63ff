// The dialog that asks for the owner's passphrase, and what it says when that is refused.
// @ts-check
import { Refusal, tell } from "./camera.js";
import { say } from "./words.js";

/** Asks until it is unlocked or given up. */
export class UnlockDialog {
  /** @param {HTMLDialogElement} dialog */
  constructor(dialog) {
    this.dialog = dialog;
    this.form = /** @type {HTMLFormElement} */ (dialog.querySelector("form"));
    this.input = /** @type {HTMLInputElement} */ (dialog.querySelector("#passphrase"));
    this.refusal = /** @type {HTMLElement} */ (dialog.querySelector(".refusal"));
    this.go = /** @type {HTMLButtonElement} */ (dialog.querySelector("[type=submit]"));
    /** @type {(unlocked: boolean) => void} */
    this.answered = () => {};
    this.form.addEventListener("submit", (event) => void this.#try(event));
    dialog.querySelector("#unlock-cancel")?.addEventListener("click", () => dialog.close());
    dialog.addEventListener("close", () => dialog.open || this.#leave(false));
  }

  /** @returns {Promise<boolean>} whether footage is open now */
  ask() {
    this.refusal.textContent = "";
    this.dialog.showModal();
    this.input.focus();
    return new Promise((answered) => (this.answered = answered));
  }

  /** @param {SubmitEvent} event */
  async #try(event) {
    event.preventDefault();
    this.#busy(true);
    try {
      await tell("/api/unlock", { passphrase: this.input.value });
      this.#leave(true);
      this.dialog.close();
    } catch (error) {
      this.refusal.textContent = sentence(error);
      this.input.setAttribute("aria-invalid", "true");
    } finally {
      this.#busy(false);
      if (this.dialog.open) this.input.select();
    }
  }

  /** @param {boolean} busy */
  #busy(busy) {
    this.go.disabled = busy;
    /** @type {HTMLElement} */ (this.go.firstElementChild).textContent = say(busy ? "unlocking" : "unlock");
  }

  /** @param {boolean} unlocked */
  #leave(unlocked) {
    this.input.value = "";
    this.input.removeAttribute("aria-invalid");
    this.answered(unlocked);
    this.answered = () => {};
  }
}

/** What a refusal says to a person; `wrong` is the sentence for a secret that was not the right one. */
export function sentence(/** @type {unknown} */ error, wrong = say("wrong_passphrase")) {
  if (!(error instanceof Refusal)) return String(error);
  if (error.waitS > 0) return say("wait", { n: error.waitS });
  if (error.kind === "NotAllowed") return wrong;
  return error.kind === "Unreachable" ? say("unreachable") : error.message;
}
