// The page's root: speak the reader's language, then show it.
import { render } from "preact";
import { App } from "./views/shell/App";
import { keepForOffline } from "./offline";
import { preferredLanguage, speak } from "./words/words";

async function begin(): Promise<void> {
  await speak(preferredLanguage());
  const page = document.getElementById("page");
  if (page) render(<App />, page);
  keepForOffline();
}

void begin();
