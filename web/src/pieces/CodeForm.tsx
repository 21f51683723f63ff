// A code that was read aloud or from a label: letters and digits, typed once.
import { Field } from "./Field";
import { Form } from "./Form";

interface CodeFormProps {
  /** The form's; the field's is `field`. */
  id: string;
  field: string;
  label: string;
  hint?: string;
  go: string;
  /** The sentence for a code that was not the right one. */
  wrong: string;
  /** What the address brought along. */
  known?: string;
  autoFocus?: boolean;
  onGive: (code: string) => Promise<unknown>;
  onCancel?: () => void;
}

export function CodeForm({ id, field, label, hint, go, wrong, known = "", autoFocus = false, onGive, onCancel }: CodeFormProps) {
  return (
    <Form id={id} go={go} wrong={wrong} onGive={({ code = "" }) => onGive(code)} {...(onCancel ? { onCancel } : {})}>
      <Field
        id={field}
        name="code"
        label={label}
        hint={hint}
        class="code"
        autocomplete="one-time-code"
        autocapitalize="characters"
        spellcheck={false}
        required
        maxLength={40}
        defaultValue={known}
        autoFocus={autoFocus}
      />
    </Form>
  );
}
