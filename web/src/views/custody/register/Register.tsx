// The register: who did what to footage, masks and camera; looked through, proved and printed.
import { useEffect, useState } from "preact/hooks";
import type { RegisterLineShown, RegisterPage } from "../../../camera/answers";
import { ask } from "../../../camera/http";
import { sentence } from "../../../camera/refusal";
import { Busy } from "../../../pieces/Busy";
import { Button } from "../../../pieces/Button";
import { Card } from "../../../pieces/Card";
import { Empty } from "../../../pieces/Empty";
import { go, useRoute } from "../../../route";
import { say } from "../../../words/words";
import { type LineFilters, isFiltered, linesIn, questionOf } from "./filters";
import { Line } from "./Line";
import { LineSearch } from "./LineSearch";
import { Proof } from "./Proof";
import { PrintBook } from "./PrintBook";

const A_PAGE = 40;

export function Register() {
  const filters = linesIn(useRoute().query);
  const { lines, failed, earlier, more } = useLines(filters);
  const change = (changed: LineFilters) => go("/custody", { show: "register", ...changed }, true);
  return (
    <div class="custody-register">
      <Card id="register" title={say("care.log")}>
        <p class="hint">{say("log.text")}</p>
        <Proof />
        <LineSearch filters={filters} onChange={change} />
        {failed && (
          <p class="refusal" role="alert">
            {failed}
          </p>
        )}
        {!lines && !failed && <Busy>{say("loading")}</Busy>}
        {lines?.length === 0 && earlier === null && <Empty>{say(isFiltered(filters) ? "register.no_such" : "log.none")}</Empty>}
        <ol id="register-lines" class="lines register-lines">
          {lines?.map((line) => (
            <Line key={line.sequence} line={line} />
          ))}
        </ol>
        {earlier !== null && (
          <div class="actions">
            <Button id="register-more" onPress={() => void more()}>
              {say("log.earlier")}
            </Button>
          </div>
        )}
      </Card>
      <PrintBook filters={filters} />
    </div>
  );
}

function useLines(filters: LineFilters) {
  const [lines, setLines] = useState<RegisterLineShown[]>();
  const [earlier, setEarlier] = useState<number | null>(null);
  const [failed, setFailed] = useState("");
  async function bring(before: number | null, known: RegisterLineShown[]) {
    try {
      const page = await ask<RegisterPage>(`/api/register?${questionOf(filters, A_PAGE, before)}`);
      setLines([...known, ...page.lines]);
      setEarlier(page.earlier);
      setFailed("");
    } catch (error) {
      setFailed(sentence(error));
    }
  }
  useEffect(() => void bring(null, []), [JSON.stringify(filters)]);
  return { lines, failed, earlier, more: () => bring(earlier, lines ?? []) };
}
