// A dialog with a form that the camera takes or refuses; it stays open until it is taken or given up.
// @ts-check
import { sentence } from "./unlock.js";

/** Gives what the form holds to `give`, and shows in the form why that was refused. */
export class AskingDialog {
  /**
   * @param {HTMLDialogElement} dialog
   * @param {(given: Record<string, string>) => Promise<void>} give
   * @param {() => string} wrong the sentence for a secret that was not the right one
   */
  constructor(dialog, give, wrong) {
    this.dialog = dialog;
    this.give = give;
    this.wrong = wrong;
    this.form = /** @type {HTMLFormElement} */ (dialog.querySelector("form"));
    this.refusal = /** @type {HTMLElement} */ (dialog.querySelector(".refusal"));
    this.go = /** @type {HTMLButtonElement} */ (dialog.querySelector("[type=submit]"));
    this.form.addEventListener("submit", (event) => void this.#try(event));
    dialog.querySelector("[data-cancel]")?.addEventListener("click", () => dialog.close());
    dialog.addEventListener("close", () => this.#forget());
  }

  open() {
    this.refusal.textContent = "";
    this.dialog.showModal();
  }

  /** @param {SubmitEvent} event */
  async #try(event) {
    event.preventDefault();
    this.go.disabled = true;
    this.refusal.textContent = "";
    try {
      await this.give(this.#given());
      this.dialog.close();
    } catch (error) {
      this.refusal.textContent = sentence(error, this.wrong());
    } finally {
      this.go.disabled = false;
    }
  }

  #given() {
    /** @type {Record<string, string>} */
    const given = {};
    for (const [name, value] of new FormData(this.form)) given[name] = String(value);
    return given;
  }

  /** Names stay for the next time, secrets do not. */
  #forget() {
    for (const secret of this.form.querySelectorAll("[type=password], [name=code]")) {
      /** @type {HTMLInputElement} */ (secret).value = "";
    }
  }
}
