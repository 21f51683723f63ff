// A form that the camera takes or refuses: what is wrong is said at the field, in the reader's language.
import { createContext, type ComponentChildren } from "preact";
import { useRef, useState } from "preact/hooks";
import { Refusal, sentence } from "../camera/refusal";
import { say } from "../words/words";
import { Button } from "./Button";

/** What is wrong with each field, by its name. */
export const FieldErrors = createContext<Readonly<Record<string, string>>>({});

/** What the fields hold, by their names; of a file its text, "" where none was chosen. */
export type Given = Readonly<Record<string, string>>;

/** The largest file that the camera takes in a form. */
const MOST_FILE_BYTES = 16_384;

interface FormProps {
  id?: string;
  /** What the button says that gives it, and what it says while the camera thinks. */
  go: string;
  going?: string;
  /** "grave" for what cannot be taken back. */
  kind?: "main" | "grave";
  /** Takes what the fields hold, by their names; throws `Refusal` when that was not taken. */
  onGive: (given: Given) => Promise<unknown>;
  onCancel?: () => void;
  /** The sentence for a secret that was not the right one. */
  wrong?: string;
  /** What is wrong when the camera blames that field, in the reader's language; else the camera's own sentence. */
  wrongFields?: Readonly<Record<string, string>>;
  children: ComponentChildren;
}

export function Form({ id, go, going = go, kind = "main", onGive, onCancel, wrong, wrongFields = {}, children }: FormProps) {
  const [errors, setErrors] = useState<Record<string, string>>({});
  const [refused, setRefused] = useState("");
  const [busy, setBusy] = useState(false);
  const form = useRef<HTMLFormElement>(null);

  async function give(event: SubmitEvent) {
    event.preventDefault();
    if (busy || !form.current) return;
    const found = wrongIn(form.current);
    setErrors(found);
    setRefused("");
    if (Object.keys(found).length > 0) return focusOn(form.current, Object.keys(found)[0] ?? "");
    setBusy(true);
    try {
      await onGive(await givenIn(form.current));
    } catch (error) {
      tellRefusal(error);
    } finally {
      setBusy(false);
    }
  }

  function tellRefusal(error: unknown) {
    const fields = form.current?.elements;
    const words = sentence(error, wrong);
    const field = error instanceof Refusal ? error.field : "";
    const named = field ? fields?.namedItem(field) : null;
    // What has no place for it, as a choice among several, is told beneath the form.
    if (named instanceof HTMLElement && named.closest(".field")) {
      setErrors({ [field]: wrongFields[field] ?? words });
      if (form.current) focusOn(form.current, field);
    } else setRefused(words);
  }

  return (
    <form id={id} ref={form} noValidate onSubmit={(event) => void give(event)}>
      <FieldErrors.Provider value={errors}>{children}</FieldErrors.Provider>
      <p id={id && `${id}-refusal`} class="refusal" role="alert">
        {refused}
      </p>
      <div class="actions">
        {onCancel && <Button onPress={onCancel}>{say("cancel")}</Button>}
        <Button kind={kind} type="submit" busy={busy}>
          {busy ? going : go}
        </Button>
      </div>
    </form>
  );
}

/** The browser knows what is wrong, but not in the language that the reader chose. */
function wrongIn(form: HTMLFormElement): Record<string, string> {
  const found: Record<string, string> = {};
  for (const field of form.elements) {
    if (!(field instanceof HTMLInputElement || field instanceof HTMLSelectElement || field instanceof HTMLTextAreaElement)) continue;
    if (field.willValidate && !field.validity.valid) found[field.name] = wordsFor(field);
    else if (isTooLarge(field)) found[field.name] = say("field.unusable");
    else if (field.required && !field.value.trim()) found[field.name] = say("field.missing");
  }
  return found;
}

function isTooLarge(field: Element): boolean {
  return field instanceof HTMLInputElement && [...(field.files ?? [])].some((file) => file.size > MOST_FILE_BYTES);
}

function wordsFor(field: HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement): string {
  const { validity } = field;
  if (validity.valueMissing) return say("field.missing");
  if (field instanceof HTMLInputElement && (validity.rangeUnderflow || validity.rangeOverflow || validity.badInput || validity.stepMismatch))
    return field.type === "number" ? say("field.range", { from: field.min, to: field.max }) : say("field.unusable");
  if (validity.tooShort && "minLength" in field) return say("field.short", { n: field.minLength });
  return say("field.unusable");
}

/** What `form` holds now. Throws when a chosen file cannot be read any more. */
export async function givenIn(form: HTMLFormElement): Promise<Given> {
  const given: Record<string, string> = {};
  for (const [name, value] of new FormData(form)) given[name] = typeof value === "string" ? value : await value.slice(0, MOST_FILE_BYTES + 1).text();
  return given;
}

function focusOn(form: HTMLFormElement, name: string): void {
  const field = form.elements.namedItem(name);
  if (field instanceof HTMLElement) field.focus();
}
