// One of a few, all of them to be seen: a row of large buttons that the arrow keys go through.
import type { ComponentChildren } from "preact";

export interface Option {
  value: string;
  words: string;
  /** What is read aloud where the words are too short to be understood alone. */
  label?: string;
  /** For its look alone. */
  class?: string;
}

interface PickProps {
  id?: string;
  name: string;
  label: string;
  options: readonly Option[];
  /** One that is not among them leaves all unchosen. */
  value: string;
  onChange: (value: string) => void;
  class?: string;
  hint?: ComponentChildren;
}

export function Pick({ id, name, label, options, value, onChange, hint, ...rest }: PickProps) {
  return (
    <fieldset id={id} class={`pick ${rest.class ?? ""}`}>
      <legend>{label}</legend>
      <div class="pick-row">
        {options.map((option) => (
          <label key={option.value} class={option.class}>
            <input
              class="unseen"
              type="radio"
              name={name}
              value={option.value}
              checked={option.value === value}
              aria-label={option.label}
              onChange={() => onChange(option.value)}
            />
            <span>{option.words}</span>
          </label>
        ))}
      </div>
      {hint}
    </fieldset>
  );
}
