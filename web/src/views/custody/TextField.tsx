// Several lines to fill in, inside a `Form`.
import { useContext, useId } from "preact/hooks";
import { FieldErrors } from "../../pieces/Form";

interface TextFieldProps {
  id?: string;
  name: string;
  label: string;
  defaultValue?: string;
  required?: boolean;
  maxLength: number;
  autoFocus?: boolean;
}

export function TextField({ id, name, label, ...rest }: TextFieldProps) {
  const own = useId();
  const field = id ?? own;
  const wrong = useContext(FieldErrors)[name];
  return (
    <div class="field">
      <label for={field}>{label}</label>
      <textarea id={field} name={name} rows={3} {...rest} aria-invalid={wrong ? true : undefined} aria-describedby={wrong ? `${field}-wrong` : undefined} />
      {wrong && (
        <p id={`${field}-wrong`} class="refusal" role="alert">
          {wrong}
        </p>
      )}
    </div>
  );
}
