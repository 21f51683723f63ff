// Opens the album's pictures in this browser by the owner's passphrase.
import { UnlockSheet } from "../../pieces/UnlockSheet";
import { say } from "../../words/words";

export function UnlockPictures({ onClose }: { onClose: () => void }) {
  return <UnlockSheet title={say("pictures_unlock")} text={<p>{say("pictures_unlock_text")}</p>} done={say("pictures_open")} onOpen={onClose} onClose={onClose} />;
}
