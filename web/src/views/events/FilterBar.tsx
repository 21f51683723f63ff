// Kind, place, direction and day of what is looked for.
import { Button } from "../../pieces/Button";
import { Choice, Field } from "../../pieces/Field";
import { say } from "../../words/words";
import { asQuery, dayOf, DIRECTIONS, type Filters, KINDS } from "./filters";

interface FilterBarProps {
  filters: Filters;
  /** Places that are known by name. */
  zones: readonly string[];
  onChange: (filters: Filters) => void;
}

export function FilterBar({ filters, zones, onChange }: FilterBarProps) {
  const places = filters.zone && !zones.includes(filters.zone) ? [...zones, filters.zone] : zones;
  const change = (name: keyof Filters) => (value: string) => onChange({ ...filters, [name]: value });
  return (
    <div class="filters" role="search" aria-label={say("filters")}>
      <Choice id="filter-kind" name="kind" label={say("filter.kind")} value={filters.kind} onChange={change("kind")}>
        <option value="">{say("filter.all")}</option>
        {KINDS.map((kind) => (
          <option key={kind} value={kind}>
            {say(`kind.${kind}`)}
          </option>
        ))}
      </Choice>
      {places.length > 0 && (
        <Choice id="filter-zone" name="zone" label={say("filter.zone")} value={filters.zone} onChange={change("zone")}>
          <option value="">{say("filter.all")}</option>
          {places.map((zone) => (
            <option key={zone} value={zone}>
              {zone}
            </option>
          ))}
        </Choice>
      )}
      <Choice id="filter-direction" name="direction" label={say("filter.direction")} value={filters.direction} onChange={change("direction")}>
        <option value="">{say("filter.all")}</option>
        {DIRECTIONS.map((direction) => (
          <option key={direction} value={direction}>
            {say(`direction.${direction}`)}
          </option>
        ))}
      </Choice>
      <Field
        id="filter-day"
        name="day"
        type="date"
        label={say("filter.day")}
        value={filters.day}
        max={dayOf(Date.now())}
        onInput={(event) => change("day")(event.currentTarget.value)}
      />
      {Object.keys(asQuery(filters)).length > 0 && (
        <Button id="filter-clear" onPress={() => onChange({ kind: "", zone: "", direction: "", day: "" })}>
          {say("filter.clear")}
        </Button>
      )}
    </div>
  );
}
