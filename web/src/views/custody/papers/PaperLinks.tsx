// One paper as PDF, in each language; it opens beside the page.
import { LANGUAGES, NAMES, useLanguage } from "../../../words/words";
import { say } from "../../../words/words";

interface PaperLinksProps {
  kind: string;
  /** What it is to be about. */
  query?: Record<string, string | number>;
  /** Named to screen readers, where the kind stands elsewhere. */
  title?: string;
  languages?: readonly string[];
}

export function PaperLinks({ kind, query = {}, title = "", languages = LANGUAGES }: PaperLinksProps) {
  const own = useLanguage();
  const ordered = [...languages].sort((one, other) => Number(other === own) - Number(one === own));
  return (
    <div class="paper-links">
      {ordered.map((language) => {
        const asked = new URLSearchParams({ language, ...Object.fromEntries(Object.entries(query).map(([name, value]) => [name, String(value)])) });
        const named = NAMES[language as keyof typeof NAMES] ?? language;
        return (
          <a key={language} class="button quiet" href={`/api/papers/${encodeURIComponent(kind)}.pdf?${asked}`} target="_blank" rel="noopener" aria-label={[title, named, "PDF", say("papers.opens")].filter(Boolean).join(", ")}>
            {named}
          </a>
        );
      })}
    </div>
  );
}
