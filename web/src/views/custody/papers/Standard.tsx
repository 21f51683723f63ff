// The operation standard: as the settings make it now, what was announced before, and announcing a new one.
import { useState } from "preact/hooks";
import type { components } from "../../../camera/api";
import { tell } from "../../../camera/http";
import { useListed } from "../../../camera/listed";
import { announce } from "../../../pieces/Announcer";
import { Button } from "../../../pieces/Button";
import { Busy } from "../../../pieces/Busy";
import { Card } from "../../../pieces/Card";
import { Empty } from "../../../pieces/Empty";
import { Field } from "../../../pieces/Field";
import { Form, type Given } from "../../../pieces/Form";
import { Sheet } from "../../../pieces/Sheet";
import { day, say, useLanguage } from "../../../words/words";
import { PaperLinks } from "./PaperLinks";

type Told = components["schemas"]["StandardAnswer"];

export function Standard() {
  const language = useLanguage();
  const { items: told, failed, renew } = useListed<Told>(`/api/standard?language=${language}`);
  const [announcing, setAnnouncing] = useState(false);
  return (
    <Card
      id="papers-standard"
      title={say("paper.standard")}
      head={
        <Button id="standard-open" disabled={!told} onPress={() => setAnnouncing(true)}>
          {say("standard.open")}
        </Button>
      }
    >
      <p class="hint">{say("standard.text")}</p>
      <PaperLinks kind="standard" query={{ version: -1 }} title={say("paper.standard")} />
      {failed && <p class="refusal">{failed}</p>}
      {!told && !failed && <Busy>{say("loading")}</Busy>}
      {told && told.blanks.length > 0 && <p class="told">{say("standard.blanks", { what: told.blanks.join(", ") })}</p>}
      {told && told.versions.length > 0 && told.changes.length > 0 && <Changes told={told} />}
      {told && <Versions told={told} />}
      {announcing && told && (
        <AnnounceSheet
          told={told}
          language={language}
          onDone={async () => {
            setAnnouncing(false);
            await renew();
          }}
          onClose={() => setAnnouncing(false)}
        />
      )}
    </Card>
  );
}

/** What the announced text tells no longer rightly. */
function Changes({ told }: { told: Told }) {
  return (
    <>
      <h3>{say("standard.changed")}</h3>
      <ul class="lines">
        {told.changes.map((change, index) => (
          <li key={index}>
            <p class="hint">{change.section}</p>
            {change.before && <p class="struck">{change.before}</p>}
            {change.after && <p>{change.after}</p>}
          </li>
        ))}
      </ul>
    </>
  );
}

function Versions({ told }: { told: Told }) {
  return (
    <>
      <h3>{say("standard.versions")}</h3>
      {told.versions.length === 0 && <Empty>{say("standard.none")}</Empty>}
      <ul class="lines papers">
        {[...told.versions].reverse().map((version) => (
          <li key={version.number}>
            <div>
              <p>
                <strong>{say("standard.version", { n: version.number })}</strong>
              </p>
              <p class="hint">{say("standard.times", { announced: day(version.announced_ms), begins: day(new Date(`${version.in_force}T00:00`).getTime()) })}</p>
              <p class="hint">{version.reason}</p>
            </div>
            <PaperLinks kind="standard" query={{ version: version.number }} title={say("standard.version", { n: version.number })} />
          </li>
        ))}
      </ul>
    </>
  );
}

interface AnnounceProps {
  told: Told;
  language: string;
  onDone: () => Promise<void>;
  onClose: () => void;
}

function AnnounceSheet({ told, language, onDone, onClose }: AnnounceProps) {
  const blanks = Object.entries(told.fills).filter(([, called]) => told.blanks.includes(called));
  async function give(given: Given) {
    const filled = Object.fromEntries(blanks.flatMap(([name]) => (given[`filled.${name}`]?.trim() ? [[name, given[`filled.${name}`]?.trim()]] : [])));
    await tell(`/api/standard?language=${language}`, { reason: given["reason"], in_force: given["in_force"] || null, filled });
    announce(say("standard.announced_now"));
    await onDone();
  }
  return (
    <Sheet id="announce-standard" title={say("standard.title")} onClose={onClose}>
      <Form id="announce-standard-form" go={say("standard.go")} onGive={give} onCancel={onClose}>
        <p>{say("standard.announce_text", { n: told.notice_days })}</p>
        <Field id="standard-reason" name="reason" label={say("standard.reason")} required maxLength={200} autoFocus />
        {blanks.map(([name, called]) => (
          <Field key={name} name={`filled.${name}`} label={called} maxLength={200} />
        ))}
        <Field id="standard-in-force" name="in_force" type="date" label={say("standard.in_force")} hint={say("standard.in_force_hint")} />
      </Form>
    </Sheet>
  );
}
