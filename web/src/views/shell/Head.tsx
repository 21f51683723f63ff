// The page's head: which camera it is, how it is, and who looks.
import { tell } from "../../camera/http";
import type { Status } from "../../camera/answers";
import type { Visitor } from "../../camera/signedin";
import { status as told } from "../../camera/told";
import { announce } from "../../pieces/Announcer";
import { Button } from "../../pieces/Button";
import { Icon } from "../../pieces/Icon";
import { say } from "../../words/words";
import { Menu } from "./Menu";

interface HeadProps {
  who: Visitor;
  status: Status | undefined;
  away: boolean;
}

export function Head({ who, status, away }: HeadProps) {
  const condition = away || !status ? "unknown" : status.condition;
  return (
    <header class="head">
      <div class="name">
        <h1 id="camera-name">{status?.camera_name ?? "edgecam"}</h1>
        <p id="condition" class="condition" role="status" data-condition={condition}>
          <span class="dot" aria-hidden="true" />
          <span id="condition-word">{condition === "unknown" ? say("connecting") : say(`condition.${condition}`)}</span>
        </p>
      </div>
      <div class="head-actions">
        {Boolean(status?.unlocked_s) && (
          <Button id="lock" label={say("lock_now")} onPress={() => void lock()}>
            <Icon name="lock" />
            <span class="wide-only">{say("lock_now")}</span>
          </Button>
        )}
        <Menu who={who} />
      </div>
    </header>
  );
}

async function lock(): Promise<void> {
  await tell("/api/lock");
  announce(say("locked_again"));
  await told.renew();
}
