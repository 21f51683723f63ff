// The lines that are looked for, on the guidelines' own forms.
import { Card } from "../../../pieces/Card";
import { say } from "../../../words/words";
import { FORMS } from "../papers/kinds";
import { PaperList } from "../papers/Papers";
import { dayOf } from "../times";
import { type LineFilters, timesOf } from "./filters";

const YEAR_MS = 366 * 86_400_000;

export function PrintBook({ filters }: { filters: LineFilters }) {
  const days = { from: filters.from ?? dayOf(Date.now() - YEAR_MS), to: filters.to ?? dayOf(Date.now()) };
  return (
    <Card id="register-print" title={say("register.print")}>
      <p class="hint">{say(filters.from || filters.to ? "register.print_days" : "register.print_year")}</p>
      <PaperList kinds={FORMS} query={timesOf(days) as Record<string, number>} />
    </Card>
  );
}
