// The copy of a granted case: asked for, made, reviewed, and fetched.
import { useEffect } from "preact/hooks";
import { tell } from "../../../camera/http";
import { useWatched } from "../../../camera/watched";
import { announce } from "../../../pieces/Announcer";
import { Button } from "../../../pieces/Button";
import { Card } from "../../../pieces/Card";
import { Form, type Given } from "../../../pieces/Form";
import { say, size } from "../../../words/words";
import type { Case } from "../answers";
import { cases } from "../told";
import { OpeningPassphrase, opensIn } from "./OpeningPassphrase";
import { PackageFields, wantedIn } from "./PackageFields";
import { Review } from "./Review";
import { begin, disclosures, type Job, notBegun, pathOf } from "./told";

export function Packages({ one }: { one: Case }) {
  const { answer } = useWatched(disclosures);
  const failed = useWatched(notBegun);
  const job = answer?.jobs.find(({ case_id }) => case_id === one.case_id);
  const isReady = job?.state === "ready";
  useEffect(() => {
    if (!isReady) return;
    announce(say("package.ready"));
    void cases.renewAfter(); // what was handed over stands in the case now
  }, [isReady]);
  if (one.want !== "copy" || !answer) return null;
  const asks = one.state === "granted" && (!job || job.state === "failed");
  if (!job && !asks && one.handed_over.length === 0) return null;
  return (
    <Card id="package" title={say("package.title")} class="package-card">
      {failed?.caseId === one.case_id && <p class="told">{failed.words}</p>}
      {job && <Made job={job} one={one} />}
      <HandedOver one={one} />
      {asks && (one.handed_over.length === 0 ? <Make one={one} /> : <MakeAgain one={one} />)}
    </Card>
  );
}

function Made({ job, one }: { job: Job; one: Case }) {
  if (job.state === "review") return <Review job={job} one={one} />;
  if (job.state === "failed") return <p class="told">{job.what || say("package.failed")}</p>;
  if (job.state !== "ready")
    return (
      <div class="package">
        <p role="status">{say(`package.state.${job.state}`)}</p>
        <progress class="progress" max={1} value={job.share || undefined} aria-label={say(`package.state.${job.state}`)} />
      </div>
    );
  return (
    <div class="package">
      <p>{say("package.ready_text")}</p>
      <a id="package-download" class="button main" href={pathOf(job.case_id, "/package")} download={job.file_name}>
        {say("package.download", { size: size(job.size_bytes) })}
      </a>
      <p class="hint">{say(job.file_name.endsWith(".age") ? "package.locked" : "package.plain")}</p>
      <div class="actions start">
        <Button id="package-drop" onPress={() => void drop(job.case_id)}>
          {say("package.drop")}
        </Button>
      </div>
    </div>
  );
}

/** What was handed over, file by file. */
function HandedOver({ one }: { one: Case }) {
  if (one.handed_over.length === 0) return null;
  return (
    <details>
      <summary>{say("package.files")}</summary>
      {one.handed_over.map((given) => (
        <dl key={given.at_ms} class="files">
          {given.files.map((file) => (
            <div key={file.name}>
              <dt>{file.name}</dt>
              <dd>
                <code>{file.sha256}</code>
              </dd>
            </div>
          ))}
        </dl>
      ))}
    </details>
  );
}

function Make({ one }: { one: Case }) {
  return (
    <Form id="package-form" go={say("package.make")} going={say("decide.granting")} wrong={say("wrong_passphrase")} onGive={(given: Given) => begin(one.case_id, wantedIn(given), opensIn(given))}>
      <PackageFields one={one} />
      <OpeningPassphrase />
    </Form>
  );
}

function MakeAgain({ one }: { one: Case }) {
  return (
    <details>
      <summary>{say("package.again")}</summary>
      <Make one={one} />
    </details>
  );
}

async function drop(caseId: string): Promise<void> {
  await tell(pathOf(caseId), {}, "DELETE").catch(() => {}); // the list says what stands
  await disclosures.renewAfter();
}
