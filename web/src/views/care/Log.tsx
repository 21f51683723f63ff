// The register: who did what to footage, masks and camera, newest first.
import { useEffect, useState } from "preact/hooks";
import type { RegisterLineShown, RegisterPage } from "../../camera/answers";
import { ask } from "../../camera/http";
import { sentence } from "../../camera/refusal";
import { Busy } from "../../pieces/Busy";
import { Button } from "../../pieces/Button";
import { Card } from "../../pieces/Card";
import { Empty } from "../../pieces/Empty";
import { dayAndTime, say, sayOr } from "../../words/words";

const PAGE = 20;

export function Log({ id }: { id: string }) {
  const register = useRegister();
  return (
    <Card id={id} title={say("care.log")} head={<Button onPress={() => void register.renew()}>{say("renew")}</Button>}>
      <p class="hint">{say("log.text")}</p>
      {register.lines?.length === 0 && <Empty>{say("log.none")}</Empty>}
      <Lines register={register} id="register-lines" />
    </Card>
  );
}

interface Register {
  lines: readonly RegisterLineShown[] | undefined;
  failed: string;
  earlier: number | null;
  renew: () => Promise<void>;
  more: () => Promise<void>;
}

/** Lines that came, and the way to earlier ones. */
export function Lines({ register, id }: { register: Register; id?: string }) {
  const { lines, failed, earlier, more } = register;
  return (
    <>
      {failed && (
        <p class="refusal" role="alert">
          {failed}
        </p>
      )}
      {!lines && !failed && <Busy>{say("loading")}</Busy>}
      <ol class="lines" id={id}>
        {lines?.map((line) => (
          <RegisterLine key={line.sequence} line={line} />
        ))}
      </ol>
      {earlier !== null && <Button onPress={() => void more()}>{say("log.earlier")}</Button>}
    </>
  );
}

function RegisterLine({ line }: { line: RegisterLineShown }) {
  const of = line.from_ms !== null && line.to_ms !== null ? `${dayAndTime(line.from_ms)} – ${dayAndTime(line.to_ms)}` : "";
  const act = say(`act.${line.act}`);
  return (
    <li>
      <p>
        <strong>{line.completes === null ? act : say("log.completed", { act, n: line.completes })}</strong>
        <span class="hint">{` · ${line.who}`}</span>
      </p>
      <p class="hint">
        <time dateTime={new Date(line.at_ms).toISOString()}>{dayAndTime(line.at_ms)}</time>
        {` · ${say("log.line", { n: line.sequence })}`}
      </p>
      {(line.purpose || of) && <p>{[line.purpose, of].filter(Boolean).join(" · ")}</p>}
      {Object.keys(line.detail).length > 0 && <Details detail={line.detail} />}
    </li>
  );
}

function Details({ detail }: { detail: Record<string, string> }) {
  return (
    <details>
      <summary>{say("log.detail")}</summary>
      <dl class="pairs">
        {Object.entries(detail).map(([name, value]) => (
          <div key={name}>
            <dt>{sayOr(`detail.${name}`, name)}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </details>
  );
}

/** Lines of the register, newest first; with `act` those of one kind alone. */
export function useRegister(act = ""): Register {
  const [lines, setLines] = useState<RegisterLineShown[]>();
  const [earlier, setEarlier] = useState<number | null>(null);
  const [failed, setFailed] = useState("");
  async function bring(before: number | null, known: RegisterLineShown[]) {
    const query = new URLSearchParams({ limit: String(PAGE) });
    if (before !== null) query.set("before", String(before));
    if (act) query.set("act", act);
    try {
      const page = await ask<RegisterPage>(`/api/register?${query}`);
      setLines([...known, ...page.lines]);
      setEarlier(page.earlier);
      setFailed("");
    } catch (error) {
      setFailed(sentence(error));
    }
  }
  const renew = () => bring(null, []);
  useEffect(() => void renew(), []);
  return { lines, failed, earlier, renew, more: () => bring(earlier, lines ?? []) };
}
