// The certificate of this page, and how a phone or computer comes to trust it.
import { useEffect, useState } from "preact/hooks";
import type { Certificates as Told, CertificateShown } from "../../camera/answers";
import { ask } from "../../camera/http";
import { Refusal, sentence } from "../../camera/refusal";
import { Busy } from "../../pieces/Busy";
import { Card } from "../../pieces/Card";
import { day, say } from "../../words/words";

export function Certificates({ id }: { id: string }) {
  const [told, setTold] = useState<Told>();
  const [failed, setFailed] = useState("");
  useEffect(() => {
    ask<Told>("/api/certificates").then(setTold, (error: unknown) => {
      const loopback = error instanceof Refusal && error.kind === "Unavailable";
      setFailed(loopback ? say("certificates.loopback") : sentence(error));
    });
  }, []);
  return (
    <Card id={id} title={say("care.certificates")}>
      {failed && <p class="hint">{failed}</p>}
      {!told && !failed && <Busy>{say("loading")}</Busy>}
      {told && (
        <>
          <p>{say("certificates.text")}</p>
          <div class="actions start">
            <a class="button quiet" href="/api/certificates/ca.crt" download>
              {say("certificates.crt")}
            </a>
            <a class="button quiet" href="/api/certificates/ca.mobileconfig" download>
              {say("certificates.apple")}
            </a>
          </div>
          <Certificate title={say("certificates.authority")} told={told.authority} />
          <Certificate title={say("certificates.page")} told={told.page} />
        </>
      )}
    </Card>
  );
}

function Certificate({ title, told }: { title: string; told: CertificateShown }) {
  return (
    <>
      <h3>{title}</h3>
      <dl class="pairs">
        <div>
          <dt>SHA-256</dt>
          <dd>
            <code>{told.fingerprint}</code>
          </dd>
        </div>
        <div>
          <dt>{say("certificates.names")}</dt>
          <dd>{told.names.join(", ")}</dd>
        </div>
        <div>
          <dt>{say("certificates.ends")}</dt>
          <dd>{day(told.ends_ms)}</dd>
        </div>
      </dl>
    </>
  );
}
