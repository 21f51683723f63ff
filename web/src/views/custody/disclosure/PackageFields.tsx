// What the copy is to be like: everybody else obscured, a mark in the picture, locked for whoever receives it.
import { useState } from "preact/hooks";
import { Check } from "../../../pieces/Check";
import { Field } from "../../../pieces/Field";
import type { Given } from "../../../pieces/Form";
import { day, say } from "../../../words/words";
import type { Case } from "../answers";
import type { Wanted } from "./told";

/** Whoever investigates needs to see everybody; whoever asks for themselves may see nobody else. */
const SEES_ALL = ["police", "court"];
const LONGEST_MARK = 80;

export function PackageFields({ one }: { one: Case }) {
  const [obscured, setObscured] = useState(!SEES_ALL.includes(one.asker_kind));
  const [marked, setMarked] = useState(false);
  return (
    <>
      <div>
        <Check id="package-obscure" name="obscure" value="yes" checked={obscured} onChange={(box) => setObscured(box.checked)}>
          {say("package.obscure")}
          {obscured && <small class="hint"> {say("package.obscure_text")}</small>}
        </Check>
        <Check id="package-marked" checked={marked} onChange={(box) => setMarked(box.checked)}>
          {say("package.watermark")}
        </Check>
      </div>
      {marked && <Field id="package-watermark" name="watermark" label={say("package.watermark_text")} defaultValue={markFor(one)} required maxLength={LONGEST_MARK} />}
      {one.asker.recipient && <Field id="package-recipient" name="recipient" label={say("new.recipient")} defaultValue={one.asker.recipient} autocapitalize="none" spellcheck={false} maxLength={200} />}
    </>
  );
}

/** What was filled in. */
export function wantedIn(given: Given): Wanted {
  return { obscure: given["obscure"] === "yes", watermark: (given["watermark"] ?? "").trim(), recipient: (given["recipient"] ?? "").trim() };
}

const markFor = (one: Case): string => [one.asker.affiliation, one.asker.name, day(Date.now())].filter(Boolean).join(" ").slice(0, LONGEST_MARK);
