// Which dialog of the installer session is open, and what stands in it.
import { Watched } from "../../camera/watched";

export type InstallerSheet = "let_in" | "told_code" | "enter_code";

export const sheet = new Watched<InstallerSheet | null>(null);
/** The code that is told once. */
export const code = new Watched("");
/** The unmasked picture is looked at. */
export const looking = new Watched(false);
/** Somebody is asked whether the view is right. */
export const confirming = new Watched(false);

export function open(wanted: InstallerSheet): void {
  sheet.set(wanted);
}

/** Close the dialog; a code in it is gone. */
export function close(): void {
  sheet.set(null);
  code.set("");
}

export function askForAim(): void {
  confirming.set(true);
}
