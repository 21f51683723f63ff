// Everything that is wrong, as sentences.
import type { Fault } from "../../camera/answers";
import { sayOr } from "../../words/words";

export function Faults({ faults }: { faults: readonly Fault[] }) {
  return (
    <ul id="faults" class="faults" aria-live="polite">
      {faults.map(({ code, sentence }) => (
        <li key={code + sentence}>{sayOr(`fault.${code}`, sentence, { sentence })}</li>
      ))}
    </ul>
  );
}
