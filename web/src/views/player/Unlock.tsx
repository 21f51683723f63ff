// Opens footage in this browser by the owner's passphrase; on the camera only by choice.
import { useState } from "preact/hooks";
import { tell } from "../../camera/http";
import { Check } from "../../pieces/Check";
import { UnlockSheet } from "../../pieces/UnlockSheet";
import { say } from "../../words/words";
import { canOpenHere } from "./abilities";

interface UnlockProps {
  /** Footage is open: here, or (`onCamera`) on the camera for this browser. */
  onOpen: (onCamera: boolean) => void;
  onClose: () => void;
}

export function Unlock({ onOpen, onClose }: UnlockProps) {
  const here = canOpenHere();
  const [onCamera, setOnCamera] = useState(!here);
  return (
    <UnlockSheet
      title={say("unlock_title")}
      text={
        <>
          <p>{say("unlock_text")}</p>
          {!here && <p class="told">{say("unlock_unable")}</p>}
        </>
      }
      done={say("unlocked")}
      unlock={onCamera ? (passphrase) => tell("/api/unlock", { passphrase }) : undefined}
      onOpen={() => onOpen(onCamera)}
      onClose={onClose}
    >
      <p class="aside" id="unlock-where">
        {say(onCamera ? "unlock_on_camera_warning" : "unlock_here")}
      </p>
      <details class="other" open={onCamera}>
        <summary>{say("unlock_other")}</summary>
        <Check id="unlock-on-camera" checked={onCamera} disabled={!here} onChange={(box) => setOnCamera(box.checked)}>
          {say("unlock_on_camera")}
        </Check>
      </details>
    </UnlockSheet>
  );
}
