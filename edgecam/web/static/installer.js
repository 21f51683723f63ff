// The installer session: the banner that everybody sees, opening it, entering it, ending it, and confirming the aim.
// @ts-check
import { AskingDialog } from "./asking.js";
import { tell } from "./camera.js";
import { Sight } from "./sight.js";
import { say } from "./words.js";

/** @param {string} id @returns {any} */
const at = (id) => document.getElementById(id);

/** Everything about the session that stands, and about the one that may be opened. */
export class Installer {
  /** @param {() => Promise<void>} changed */
  constructor(changed) {
    this.changed = changed;
    /** @type {any} */
    this.session = null;
    this.sight = new Sight(at("sight"), () => void changed());
    this.letIn = new AskingDialog(at("let-in"), (given) => this.#letIn(given), () => this.#refused());
    this.enterCode = new AskingDialog(at("enter-code"), (given) => this.#enter(given.code), () => say("wrong_code"));
    this.confirmAim = new AskingDialog(at("confirm-aim"), (given) => this.#confirm(given), () => say("wrong_passphrase"));
    at("let-in-open").addEventListener("click", () => this.letIn.open());
    at("code-open").addEventListener("click", () => this.enterCode.open());
    for (const id of ["confirm-open", "sight-confirm"]) at(id).addEventListener("click", () => this.#askAim());
    at("sight-open").addEventListener("click", () => this.#look());
    for (const id of ["banner-end", "sight-end"]) at(id).addEventListener("click", () => void this.#end());
    at("look-here").addEventListener("click", () => void this.#lookHere());
    at("told-code").addEventListener("close", () => (at("the-code").textContent = ""));
  }

  /** @param {any} session what the status says of it, or null @param {any} aim */
  show(session, aim) {
    this.session = session;
    at("banner").hidden = !session;
    const words = session
      ? say(session.entered ? "banner_looking" : "banner_open", {
          by: session.opened_by,
          for: session.opened_for,
          why: say(`why.${session.why}`),
          n: Math.ceil(session.left_s / 60),
        })
      : "";
    // Screen readers speak what changes, so nothing is written that stays the same.
    if (at("banner-words").textContent !== words) at("banner-words").textContent = words;
    at("banner-end").hidden = !session?.may_end;
    at("sight-open").hidden = session?.place !== "installer";
    at("let-in-open").hidden = Boolean(session);
    at("code-open").hidden = !session || session.entered;
    const asks = aim && !["", "steady", "unguarded"].includes(aim.state);
    at("confirm-open").hidden = at("sight-confirm").hidden = !asks;
    if (session?.place !== "installer") this.sight.over();
  }

  #refused() {
    return this.session ? say("session_stands") : say("wrong_passphrase");
  }

  /** @param {Record<string, string>} given */
  async #letIn(given) {
    const opened = await tell("/api/installer/open", { ...given, minutes: Number(given.minutes) });
    at("the-code").textContent = opened.code.replace(/(....)/, "$1 ");
    at("told-code").showModal();
    await this.changed();
  }

  async #lookHere() {
    const code = at("the-code").textContent;
    at("told-code").close();
    await this.#enter(code).catch(() => this.enterCode.open());
  }

  /** @param {string} code */
  async #enter(code) {
    await tell("/api/installer/enter", { code });
    await this.changed();
    this.#look();
  }

  #look() {
    void this.sight.open(this.session?.opened_for ?? say("viewer"));
  }

  async #end() {
    await tell("/api/installer/end", {}).catch(() => {}); // it is over all the same, or the banner stays
    await this.changed();
  }

  #askAim() {
    const byCode = this.session?.place === "installer";
    at("confirm-as-owner").hidden = byCode;
    for (const input of at("confirm-as-owner").querySelectorAll("input")) input.disabled = byCode;
    this.confirmAim.open();
  }

  /** @param {Record<string, string>} given without a passphrase it is the installer's own word */
  async #confirm(given) {
    await tell("/api/aim/confirm", { who: given.who || this.session?.opened_for, ...given });
    at("announcer").textContent = say("confirmed");
    await this.changed();
  }
}
