// The secret of a recovery kit as it stands on paper, and the proof that the paper was kept: a part of it typed back.
import { useMemo } from "preact/hooks";
import { Refusal } from "../camera/refusal";
import { Field } from "../pieces/Field";
import { Form, type Given } from "../pieces/Form";
import { say } from "../words/words";
import { asked, groupsOf, isGroup, rowsOf } from "./kit";
import { below } from "./suggestion";

/** The secret in the rows in which it is printed and written down. */
export function SecretRows({ secret }: { secret: string }) {
  return (
    <div id="kit-secret" class="kit-rows">
      {rowsOf(secret).map((row) => (
        <p key={row.join("")}>
          {row.map((group, index) => (
            <span key={index}>{group} </span>
          ))}
        </p>
      ))}
    </div>
  );
}

interface KitProofProps {
  /** What the form's and its fields' ids begin with. */
  id: string;
  secret: string;
  onBack: () => void;
  onProved: () => void | Promise<void>;
}

/** Asks for two groups of the secret, drawn anew for each form. */
export function KitProof({ id, secret, onBack, onProved }: KitProofProps) {
  const groups = groupsOf(secret);
  const [first, second] = useMemo(() => asked(groups.length, below), [groups.length]);
  const places = [["first", first], ["second", second]] as const;
  async function prove(given: Given) {
    for (const [name, at] of places)
      if (!isGroup(given[name] ?? "", groups[at - 1] ?? "")) throw new Refusal("BadInput", say("setup.kit_wrong", { n: at }), { field: name });
    await onProved();
  }
  return (
    <>
      <p>{say("setup.kit_prove_text")}</p>
      <Form id={`${id}-prove`} go={say("setup.kit_prove")} onGive={prove} onCancel={onBack}>
        {places.map(([name, at]) => (
          <Field key={name} id={`${id}-${name}`} name={name} label={say("setup.kit_group", { n: at })} hint={say("setup.kit_group_hint")} class="code" autocomplete="off" autocapitalize="characters" spellcheck={false} required maxLength={20} />
        ))}
      </Form>
    </>
  );
}
