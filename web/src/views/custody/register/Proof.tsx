// Whether every line of the register is as the camera wrote it: proved when somebody asks, for it takes its time.
import { useState } from "preact/hooks";
import type { components } from "../../../camera/api";
import { tell } from "../../../camera/http";
import { sentence } from "../../../camera/refusal";
import { Button } from "../../../pieces/Button";
import { number, say } from "../../../words/words";

type Proved = components["schemas"]["ProofAnswer"];

export function Proof() {
  const [busy, setBusy] = useState(false);
  const [proved, setProved] = useState<Proved>();
  const [failed, setFailed] = useState("");
  async function prove() {
    setBusy(true);
    setFailed("");
    setProved(undefined);
    try {
      setProved(await tell<Proved>("/api/register/proof"));
    } catch (error) {
      setFailed(sentence(error));
    } finally {
      setBusy(false);
    }
  }
  return (
    <div class="register-state">
      <Button id="register-prove" busy={busy} onPress={() => void prove()}>
        {say(busy ? "proof.going" : "proof.go")}
      </Button>
      <div id="register-proof" role="status">
        {failed && <p class="refusal">{failed}</p>}
        {proved?.trouble && <p class="told">{say(`proof.wrong.${proved.trouble}`, { n: proved.wrong_sequence ?? 0 })}</p>}
        {proved && !proved.trouble && (
          <>
            <p>{say("proof.genuine", { n: number(proved.lines) })}</p>
            <p class="hint">
              {say("proof.head", { n: proved.head_sequence })} <code>{proved.head_sha256}</code>
            </p>
          </>
        )}
      </div>
    </div>
  );
}
