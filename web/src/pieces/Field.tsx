// One thing to fill in: its label, what helps, and what is wrong with it, all said together by screen readers.
import type { ComponentChildren, JSX, TargetedInputEvent } from "preact";
import { useContext, useId } from "preact/hooks";
import { FieldErrors } from "./Form";

interface Told {
  name: string;
  label: string;
  hint?: string | undefined;
  id?: string | undefined;
}

interface FieldProps extends Told {
  type?: "text" | "password" | "number" | "email" | "date" | "datetime-local" | "time" | "file";
  value?: string | number;
  defaultValue?: string | number;
  required?: boolean;
  disabled?: boolean;
  readOnly?: boolean;
  maxLength?: number;
  minLength?: number;
  min?: number | string;
  max?: number | string;
  step?: number | string;
  inputMode?: "numeric" | "decimal" | "text";
  autocomplete?: string;
  autocapitalize?: "none" | "characters";
  spellcheck?: boolean;
  placeholder?: string;
  accept?: string;
  autoFocus?: boolean;
  class?: string;
  onInput?: (event: TargetedInputEvent<HTMLInputElement>) => void;
}

/** An input inside a `Form`; everything that an input takes may be given. */
export function Field({ name, label, hint, id, ...rest }: FieldProps) {
  const { shown, around } = useField({ name, label, hint, id });
  return around(<input {...(rest as object)} {...shown} />);
}

type ChoiceProps = Told & { value?: string; required?: boolean; onChange?: (value: string) => void; children: ComponentChildren };

/** A choice among `<option>`s inside a `Form`. */
export function Choice({ name, label, hint, id, onChange, children, ...rest }: ChoiceProps) {
  const { shown, around } = useField({ name, label, hint, id });
  return around(
    <select {...rest} {...shown} onChange={(event) => onChange?.(event.currentTarget.value)}>
      {children}
    </select>,
  );
}

function useField({ name, label, hint, id }: Told) {
  const own = useId();
  const wrong = useContext(FieldErrors)[name];
  const field = id ?? own;
  const told = [hint && `${field}-hint`, wrong && `${field}-wrong`].filter(Boolean).join(" ");
  const shown = { id: field, name, "aria-invalid": wrong ? true : undefined, "aria-describedby": told || undefined };
  const around = (input: JSX.Element) => (
    <div class="field">
      <label for={field}>{label}</label>
      {input}
      {hint && (
        <p id={`${field}-hint`} class="hint">
          {hint}
        </p>
      )}
      {wrong && (
        <p id={`${field}-wrong`} class="refusal" role="alert">
          {wrong}
        </p>
      )}
    </div>
  );
  return { shown, around };
}
