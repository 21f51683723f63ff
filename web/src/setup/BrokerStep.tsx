// Where the camera tells what it notices: nowhere else, Home Assistant, or a broker; tried before it is kept.
import { useEffect, useRef, useState } from "preact/hooks";
import { ask, tell } from "../camera/http";
import { Busy } from "../pieces/Busy";
import { Button } from "../pieces/Button";
import { Check } from "../pieces/Check";
import { Field } from "../pieces/Field";
import { Form, givenIn, type Given } from "../pieces/Form";
import { Notice } from "../pieces/Notice";
import { sentence } from "../camera/refusal";
import { say, sayOr } from "../words/words";
import { Page } from "./Page";
import { comeBack, showNext } from "./told";

interface Broker {
  kind: "off" | "embedded" | "mqtt";
  host: string;
  port: number;
  tls: boolean;
  username: string;
  home_assistant: boolean;
  has_certificate: boolean;
}
interface Tried {
  reached: boolean;
  fault: string;
  sentence: string;
}
type Where = "nowhere" | "home" | "broker";
const PEM = ".pem,.crt,.cer,.key";
const WHERES: readonly Where[] = ["nowhere", "home", "broker"];

export function BrokerStep() {
  const [lost, setLost] = useState(false);
  if (lost) return <Notice kind="grave">{say("setup.lost")}</Notice>;
  return (
    <Page step="broker" later={say("setup.later")}>
      <p>{say("setup.broker_text")}</p>
      <BrokerForm
        onKept={async () => {
          if (await comeBack()) showNext("broker");
          else setLost(true);
        }}
      />
    </Page>
  );
}

/** The form alone, for the first run and for later. */
export function BrokerForm({ onKept }: { onKept: () => Promise<void> }) {
  const [told, setTold] = useState<Broker | null>(null);
  const [where, setWhere] = useState<Where>("nowhere");
  const [tls, setTls] = useState(false);
  const [tried, setTried] = useState<Tried | null>(null);
  const [trying, setTrying] = useState(false);
  const around = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const shown = (broker: Broker) => {
      setTold(broker);
      setTls(broker.tls);
      setWhere(broker.kind !== "mqtt" ? "nowhere" : broker.home_assistant ? "home" : "broker");
    };
    ask<Broker>("/api/setup/broker").then(shown, () => shown({ kind: "embedded", host: "", port: 0, tls: false, username: "", home_assistant: false, has_certificate: false }));
  }, []);
  if (!told) return <Busy>{say("loading")}</Busy>;
  async function attempt() {
    const form = around.current?.querySelector("form");
    if (!form) return;
    setTrying(true);
    setTried(null);
    try {
      setTried(await tell<Tried>("/api/setup/broker/try", chosen(where, await givenIn(form))));
    } catch (error) {
      setTried({ reached: false, fault: "", sentence: sentence(error) });
    } finally {
      setTrying(false);
    }
  }
  async function keep(given: Given) {
    await tell("/api/setup/broker", chosen(where, given), "PUT");
    await onKept();
  }
  return (
    <div ref={around}>
      <Form id="setup-broker-form" go={say("setup.broker_go")} going={say("setup.starting")} onGive={keep}>
        <div class="setup-choices" role="radiogroup" aria-label={say("setup.title.broker")}>
          {WHERES.map((known) => (
            <label key={known} class="setup-choice">
              <input type="radio" name="where" value={known} checked={known === where} onChange={() => (setWhere(known), setTried(null))} />
              <span>
                <strong>{say(`broker.${known}`)}</strong>
                <small>{say(`broker.${known}_text`)}</small>
              </span>
            </label>
          ))}
        </div>
        {where !== "nowhere" && (
          <>
            <Field id="setup-broker-host" name="host" label={say("broker.host")} hint={say("broker.host_hint")} autocomplete="off" autocapitalize="none" spellcheck={false} required maxLength={255} defaultValue={told.host} />
            <Field id="setup-broker-port" name="port" label={say("broker.port")} type="number" inputMode="numeric" min={1} max={65_535} defaultValue={told.port || (told.tls ? 8883 : 1883)} />
            <Check name="tls" checked={tls} onChange={(box) => setTls(box.checked)}>
              {say("broker.tls")}
            </Check>
            {tls && <BrokerFiles told={told} />}
            <Field id="setup-broker-user" name="username" label={say("broker.username")} autocomplete="off" autocapitalize="none" spellcheck={false} maxLength={200} defaultValue={told.username} />
            <Field id="setup-broker-password" name="password" label={say("broker.password")} hint={told.username ? say("broker.password_kept") : undefined} type="password" autocomplete="off" maxLength={1024} />
            <div class="actions">
              <Button id="setup-broker-try" busy={trying} onPress={() => void attempt()}>
                {trying ? say("broker.trying") : say("broker.try")}
              </Button>
            </div>
            <div id="setup-broker-tried" aria-live="polite">
              {tried && (
                <Notice kind={tried.reached ? "plain" : "grave"}>
                  {tried.reached ? say("broker.reached") : sayOr(`broker.fault.${tried.fault}`, tried.sentence)}
                  {!tried.reached && tried.fault && <p class="hint">{tried.sentence}</p>}
                </Notice>
              )}
            </div>
          </>
        )}
      </Form>
    </div>
  );
}

/** Whom the camera believes, and what it shows of itself; none of it ever comes back from the camera. */
function BrokerFiles({ told }: { told: Broker }) {
  return (
    <>
      <Field id="setup-broker-ca" name="ca_pem" label={say("broker.ca")} hint={say("broker.ca_hint")} type="file" accept={PEM} />
      <Field id="setup-broker-cert" name="cert_pem" label={say("broker.cert")} hint={say(told.has_certificate ? "broker.cert_kept" : "broker.cert_hint")} type="file" accept={PEM} />
      <Field id="setup-broker-key" name="key_pem" label={say("broker.key")} type="file" accept={PEM} />
      {told.kind === "mqtt" && (
        <Check id="setup-broker-forget" name="forget">
          {say("broker.forget")}
        </Check>
      )}
    </>
  );
}

function chosen(where: Where, given: Given) {
  if (where === "nowhere") return { kind: "embedded" };
  // To the camera an empty file removes what it has, and none at all keeps it.
  const file = (name: string) => given[name] || (given["forget"] ? "" : null);
  const password = given["password"] ?? "";
  return {
    kind: "mqtt",
    host: given["host"] ?? "",
    port: Number(given["port"]) || 0,
    tls: given["tls"] === "on",
    username: given["username"] ?? "",
    password: password || (given["username"] ? null : ""),
    ca_pem: file("ca_pem"),
    cert_pem: file("cert_pem"),
    key_pem: file("key_pem"),
    home_assistant: where === "home",
  };
}
