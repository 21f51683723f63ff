// The first run: from the box to recording, one thing a screen; it can be left at any step and gone on with.
import { useEffect } from "preact/hooks";
import { canDerive } from "../camera/signinsecret";
import { useWatched } from "../camera/watched";
import { Busy } from "../pieces/Busy";
import { Notice } from "../pieces/Notice";
import { useRoute } from "../route";
import { AimStep } from "../setup/AimStep";
import { BrokerStep } from "../setup/BrokerStep";
import { Claim } from "../setup/Claim";
import { Comeback } from "../setup/Comeback";
import { KitStep } from "../setup/KitStep";
import { LanguageStep } from "../setup/LanguageStep";
import { MasksStep } from "../setup/MasksStep";
import { NoticeStep } from "../setup/NoticeStep";
import { OwnerStep } from "../setup/OwnerStep";
import { RetentionStep } from "../setup/RetentionStep";
import { SignStep } from "../setup/SignStep";
import { SummaryStep } from "../setup/SummaryStep";
import { away, firstOpen, renew, setup, STEPS, type StepName } from "../setup/told";
import { say, useLanguage } from "../words/words";
import "../setup/setup.css";

const EVERY_MS = 4000;
const SCREENS: Record<StepName, () => preact.JSX.Element> = {
  language: LanguageStep,
  owner: OwnerStep,
  kit: KitStep,
  notice: NoticeStep,
  retention: RetentionStep,
  aim: AimStep,
  masks: MasksStep,
  sign: SignStep,
  broker: BrokerStep,
  summary: SummaryStep,
};

export default function Setup() {
  useLanguage();
  useEffect(() => {
    void renew();
    // The same camera may be set up on two phones, or be away for a while.
    const timer = setInterval(() => document.hidden || void renew(), EVERY_MS);
    return () => clearInterval(timer);
  }, []);
  const lost = useWatched(away);
  return (
    <div class="setup" id="setup">
      {lost && (
        <Notice id="setup-away" kind="grave">
          {say("setup.away")}
        </Notice>
      )}
      <Screen />
    </div>
  );
}

function Screen() {
  const state = useWatched(setup);
  const asked = useRoute().query.get("step");
  if (!canDerive())
    return (
      <Notice id="no-webcrypto" kind="grave" title={say("no_webcrypto_title")}>
        <p>{isSecureContext ? say("no_webcrypto_old") : say("no_webcrypto_address", { address: `https://${location.host}` })}</p>
      </Notice>
    );
  if (!state) return <Busy>{say("connecting")}</Busy>;
  if (!state.yours) return state.owned ? <Comeback /> : <Claim />;
  const wanted = STEPS.find((step) => step === asked);
  const step = wanted && state.steps?.[wanted] !== "later" ? wanted : firstOpen(state);
  const Shown = SCREENS[step];
  return <Shown key={step} />;
}
