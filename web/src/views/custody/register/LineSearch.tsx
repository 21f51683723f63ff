// Act, person, days and case of the lines that are looked for.
import { Button } from "../../../pieces/Button";
import { Choice, Field } from "../../../pieces/Field";
import { say } from "../../../words/words";
import { ACTS, isFiltered, type LineFilters } from "./filters";

interface LineSearchProps {
  filters: LineFilters;
  onChange: (filters: LineFilters) => void;
}

export function LineSearch({ filters, onChange }: LineSearchProps) {
  const change = (name: keyof LineFilters) => (value: string) => {
    const { [name]: _, ...others } = filters;
    onChange(value.trim() ? { ...others, [name]: value.trim() } : others);
  };
  const typed = (name: keyof LineFilters) => (event: { currentTarget: HTMLInputElement }) => change(name)(event.currentTarget.value);
  return (
    <div class="search" role="search" aria-label={say("register.search")}>
      <Choice id="line-act" name="act" label={say("register.act")} value={filters.act ?? ""} onChange={change("act")}>
        <option value="">{say("register.all")}</option>
        {ACTS.map((act) => (
          <option key={act} value={act}>
            {say(`act.${act}`)}
          </option>
        ))}
      </Choice>
      <Field id="line-who" name="who" label={say("register.who")} value={filters.who ?? ""} maxLength={80} autocapitalize="none" onInput={typed("who")} />
      <Field id="line-from" name="from" type="date" label={say("register.from")} value={filters.from ?? ""} onInput={typed("from")} />
      <Field id="line-to" name="to" type="date" label={say("register.to")} value={filters.to ?? ""} onInput={typed("to")} />
      <Field id="line-case" name="case" label={say("register.case")} value={filters.case ?? ""} maxLength={80} onInput={typed("case")} />
      {isFiltered(filters) && (
        <Button id="line-clear" onPress={() => onChange({})}>
          {say("register.clear")}
        </Button>
      )}
    </div>
  );
}
