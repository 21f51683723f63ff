// Three languages say the same, everything that the page asks for has words, and none is left over.
import { describe, expect, test } from "vitest";

const LANGUAGES = ["en", "ja", "ko"] as const;
const files = import.meta.glob<Record<string, string>>("./*/*.json", { eager: true, import: "default" });
const sources = Object.entries(
  import.meta.glob<string>(["../**/*.ts", "../**/*.tsx", "!../**/*.test.*", "!../camera/api.d.ts"], {
    eager: true,
    query: "?raw",
    import: "default",
  }),
);
const everything = sources.map(([, source]) => source).join("\n");

function areasOf(language: string): [string, Record<string, string>][] {
  return Object.entries(files).filter(([path]) => path.startsWith(`./${language}/`));
}

const words = (language: string): Record<string, string> => Object.assign({}, ...areasOf(language).map(([, area]) => area));
const found = (pattern: RegExp): Set<string> => new Set([...everything.matchAll(pattern)].map((match) => match[1] ?? ""));
const gaps = (sentence: string): string[] => [...new Set(sentence.match(/\{\w+\}/g) ?? [])].sort();

const english = words("en");
/** Keys that are put together while the page runs all begin like this. */
const families = [...found(/(?:\bsay|\bsayOr|\bword)\(\s*`([\w.-]+)\$\{/g)];

describe.each(LANGUAGES)("%s", (language) => {
  const spoken = words(language);

  test("has the same keys as English, and the same gaps to fill", () => {
    expect(Object.keys(spoken).sort()).toEqual(Object.keys(english).sort());
    for (const [key, sentence] of Object.entries(spoken)) expect([key, gaps(sentence)]).toEqual([key, gaps(english[key] ?? "")]);
  });

  test("says no empty sentence, and no key in two areas", () => {
    for (const [key, sentence] of Object.entries(spoken)) expect([key, sentence.trim() !== ""]).toEqual([key, true]);
    const keys = areasOf(language).flatMap(([, area]) => Object.keys(area));
    expect(keys.length).toBe(new Set(keys).size);
  });
});

test.each([
  ["ja", /[぀-ヿ一-鿿]/],
  ["ko", /[가-힣]/],
])("%s is written in its own script", (language, letters) => {
  const names = /^[\W\d]*(\{\w+\}[\W\d]*|SHA-256|MQTT|Home Assistant|PNG|PDF|TLS|HTTPS?|URL|PIN|ID|[A-Z]{1,5}|fps|ms|min|dB|ISO|×|px|MP4)*[\W\d]*$/;
  const foreign = Object.entries(words(language)).filter(([, said]) => !letters.test(said) && !names.test(said));
  expect(foreign).toEqual([]);
});

test("every word that the page asks for exists", () => {
  const asked = found(/\b(?:say|sayOr)\(\s*"([^"]+)"/g);
  for (const pair of everything.matchAll(/\bsay\(\s*[^()"]*\? "([^"]+)"\s*: "([^"]+)"/g)) asked.add(pair[1] ?? "").add(pair[2] ?? "");
  for (const word of found(/\bword: "((?:nav|care)\.[^"]+)"/g)) asked.add(word);
  expect(asked.size).toBeGreaterThan(100);
  expect([...asked].filter((key) => !(key in english))).toEqual([]);
});

test("no word is left over", () => {
  const literals = found(/["'`]([\w. -]+)["'`]/g);
  const left = Object.keys(english).filter((key) => !literals.has(key) && !families.some((family) => key.startsWith(family)));
  expect(left).toEqual([]);
});

test("sources make no markup, no inline style and name no other place", () => {
  for (const [path, source] of sources)
    for (const forbidden of ["innerHTML", "outerHTML", "insertAdjacent", "document.write", "eval(", "new Function", 'style="', "setAttribute(\"style"])
      expect([path, source.includes(forbidden)]).toEqual([path, false]);
  for (const [path, source] of sources) expect([path, /https?:\/\/(?!www\.w3\.org\/|\$\{)/.test(source)]).toEqual([path, false]);
});
