// The choice of language, kept in this browser.
import { LANGUAGES, NAMES, remember, say, speak, useLanguage, type Language } from "../../words/words";

export function Languages() {
  const spoken = useLanguage();
  function choose(chosen: Language) {
    remember(chosen);
    void speak(chosen);
  }
  return (
    <label class="language">
      <span>{say("language")}</span>
      <select id="language" value={spoken} onChange={(event) => choose(event.currentTarget.value as Language)}>
        {LANGUAGES.map((known) => (
          <option key={known} value={known} lang={known}>
            {NAMES[known]}
          </option>
        ))}
      </select>
    </label>
  );
}
