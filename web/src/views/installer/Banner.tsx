// Everybody on the page is told that somebody may see the picture without masks.
import type { InstallerStanding } from "../../camera/answers";
import { tell } from "../../camera/http";
import { status } from "../../camera/told";
import { Button } from "../../pieces/Button";
import { Notice } from "../../pieces/Notice";
import { say } from "../../words/words";
import { looking } from "./sheets";

export function Banner({ session }: { session: InstallerStanding | null }) {
  if (!session) return null;
  return (
    <Notice id="banner" kind="seen" title={say("banner_title")}>
      <p id="banner-words" role="status">
        {say(session.entered ? "banner_looking" : "banner_open", {
          by: session.opened_by,
          for: session.opened_for,
          why: say(`why.${session.why}`),
          n: Math.ceil(session.left_s / 60),
        })}
      </p>
      {(session.may_end || session.place === "installer") && (
        <div class="actions">
          {session.place === "installer" && (
            <Button id="sight-open" onPress={() => looking.set(true)}>
              {say("sight_open")}
            </Button>
          )}
          {session.may_end && (
            <Button id="banner-end" kind="main" onPress={() => void endSession()}>
              {say("session_end")}
            </Button>
          )}
        </div>
      )}
    </Notice>
  );
}

/** End the installer session that stands. */
export async function endSession(): Promise<void> {
  await tell("/api/installer/end").catch(() => {}); // it is over all the same, or the banner stays
  await status.renew();
}
