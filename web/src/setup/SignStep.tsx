// The sign to print: without it nobody may be filmed.
import { useState } from "preact/hooks";
import { octets } from "../camera/http";
import { Refusal, sentence } from "../camera/refusal";
import { Button } from "../pieces/Button";
import { Notice } from "../pieces/Notice";
import { LANGUAGES, NAMES, say, useLanguage, type Language } from "../words/words";
import { Page } from "./Page";
import { note, setup, show, showNext } from "./told";

const SIZES = ["a4", "a5", "sticker"] as const;

export function SignStep() {
  const [printed, setPrinted] = useState(setup.value?.steps?.sign === "done");
  const [refused, setRefused] = useState("");
  async function done() {
    setRefused("");
    try {
      await note("sign");
      showNext("sign");
    } catch (error) {
      setRefused(sentence(error));
    }
  }
  return (
    <Page step="sign" later={say("setup.later")} {...(printed ? { go: say("setup.sign_done"), onGo: () => void done() } : {})}>
      <p>{say("setup.sign_text")}</p>
      {setup.value?.steps?.notice !== "done" ? (
        <Notice id="setup-sign-lacks">
          <p>{say("setup.sign_lacks")}</p>
          <div class="actions">
            <Button onPress={() => show("notice")}>{say("setup.title.notice")}</Button>
          </div>
        </Notice>
      ) : (
        <SignChoice onGot={() => setPrinted(true)} />
      )}
      <p class="refusal" role="alert">
        {refused}
      </p>
    </Page>
  );
}

/** Language and size, and the sign as a file; for the first run and for later. */
export function SignChoice({ onGot }: { onGot: () => void }) {
  const spoken = useLanguage();
  const [language, setLanguage] = useState<Language>(spoken);
  const [size, setSize] = useState<(typeof SIZES)[number]>("a4");
  const [busy, setBusy] = useState(false);
  const [refused, setRefused] = useState("");
  async function get() {
    setBusy(true);
    setRefused("");
    try {
      save(await octets(`/api/setup/sign.pdf?language=${language}&size=${size}`), `sign-${language}-${size}.pdf`);
      onGot();
    } catch (error) {
      setRefused(error instanceof Refusal && error.field ? say("setup.sign_lacks") : sentence(error));
    } finally {
      setBusy(false);
    }
  }
  return (
    <div class="fields setup-sign">
      <label class="field">
        <span>{say("language")}</span>
        <select id="setup-sign-language" value={language} onChange={(event) => setLanguage(event.currentTarget.value as Language)}>
          {LANGUAGES.map((known) => (
            <option key={known} value={known}>
              {NAMES[known]}
            </option>
          ))}
        </select>
      </label>
      <label class="field">
        <span>{say("sign.size")}</span>
        <select id="setup-sign-size" value={size} onChange={(event) => setSize(event.currentTarget.value as (typeof SIZES)[number])}>
          {SIZES.map((known) => (
            <option key={known} value={known}>
              {say(`sign.${known}`)}
            </option>
          ))}
        </select>
      </label>
      <p class="refusal" role="alert">
        {refused}
      </p>
      <Button id="setup-sign-get" kind="main" busy={busy} onPress={() => void get()}>
        {say("sign.get")}
      </Button>
    </div>
  );
}

function save(data: BlobPart, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([data], { type: "application/pdf" }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
