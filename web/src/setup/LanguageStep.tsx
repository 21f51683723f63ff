// The language of the page, of the sign and of the forms.
import { useState } from "preact/hooks";
import { tell } from "../camera/http";
import { sentence } from "../camera/refusal";
import { LANGUAGES, NAMES, remember, say, speak, useLanguage, type Language } from "../words/words";
import { FirstStart } from "./FirstStart";
import { Page } from "./Page";
import { renew, showNext } from "./told";

export function LanguageStep() {
  const spoken = useLanguage();
  const [refused, setRefused] = useState("");
  async function choose(chosen: Language) {
    remember(chosen);
    await speak(chosen);
  }
  async function keep() {
    setRefused("");
    try {
      await tell("/api/setup/language", { language: spoken }, "PUT");
      await renew();
      showNext("language");
    } catch (error) {
      setRefused(sentence(error));
    }
  }
  return (
    <Page step="language" go={say("setup.go_on")} onGo={() => void keep()}>
      <FirstStart />
      <p>{say("setup.language_text")}</p>
      <div class="setup-choices" role="radiogroup" aria-label={say("language")}>
        {LANGUAGES.map((known) => (
          <label key={known} class="setup-choice" lang={known}>
            <input type="radio" name="language" value={known} checked={known === spoken} onChange={() => void choose(known)} />
            <span>{NAMES[known]}</span>
          </label>
        ))}
      </div>
      <p class="refusal" role="alert">
        {refused}
      </p>
    </Page>
  );
}
