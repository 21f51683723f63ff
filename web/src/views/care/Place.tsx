// What the first run asked, to be changed later: who and what for, how long, the sign, and where to report.
import { useEffect, useState } from "preact/hooks";
import { expectRestart } from "../../camera/signedin";
import { Card } from "../../pieces/Card";
import { BrokerForm } from "../../setup/BrokerStep";
import { NoticeForm } from "../../setup/NoticeStep";
import { RetentionForm } from "../../setup/RetentionStep";
import "../../setup/setup.css";
import { SignChoice } from "../../setup/SignStep";
import { comeBack, renew } from "../../setup/told";
import { Unfinished } from "../../setup/Unfinished";
import { say } from "../../words/words";

type CardProps = { id: string };

export function PlaceNotice({ id }: CardProps) {
  const [kept, keep] = useKept();
  return (
    <Card id={id} title={say("care.notice")} class="setup">
      <Unfinished />
      <NoticeForm go={say("setup.keep")} onKept={keep} />
      {kept}
    </Card>
  );
}

export function PlacePlan({ id }: CardProps) {
  const [kept, keep] = useKept();
  useEffect(() => void renew(), []);
  return (
    <Card id={id} title={say("care.plan")} class="setup">
      <RetentionForm go={say("setup.keep")} onKept={async () => (expectRestart(), keep())} />
      {kept}
    </Card>
  );
}

export function PlaceSign({ id }: CardProps) {
  return (
    <Card id={id} title={say("care.sign")} class="setup">
      <SignChoice onGot={() => {}} />
    </Card>
  );
}

export function PlaceBroker({ id }: CardProps) {
  const [kept, keep] = useKept();
  return (
    <Card id={id} title={say("care.broker")} class="setup">
      <BrokerForm onKept={async () => (expectRestart(), void ((await comeBack()) && (await keep())))} />
      {kept}
    </Card>
  );
}

/** That it was kept, said for as long as the card is shown. */
function useKept() {
  const [kept, setKept] = useState(false);
  const keep = async () => setKept(true);
  return [kept ? <p role="status">{say("setup.kept")}</p> : null, keep] as const;
}
