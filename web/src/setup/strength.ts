// How hard a passphrase is to guess: a small, cautious estimate that errs to the low side. Pure.

/** What the words on the page go by. */
export type Level = "none" | "short" | "weak" | "fair" | "good" | "strong";

export interface Strength {
  /** Guesses needed are about two to the power of this. */
  bits: number;
  level: Level;
  /** Seconds for a thief with ten thousand computers, each of which tries one a second. */
  seconds: number;
}

export const MIN_LENGTH = 12;
const GUESSES_PER_S = 10_000;
// A word that a person thinks of is one of some thousands, however long it is.
const WORD_BITS = 12.5;
const COMMON_BITS = 5;
const FAIR_BITS = 38;
const GOOD_BITS = 48;
const STRONG_BITS = 60;
const COMMON = new Set(
  `password passwort passphrase secret admin administrator root user login welcome letmein default master dragon monkey
  sunshine princess football baseball iloveyou trustno hello guest test changeme qwerty qwertz azerty asdf zxcv
  camera kamera edgecam owner security video police home house garage raspberry
  パスワード ぱすわーど カメラ かめら 防犯カメラ 秘密 비밀번호 암호 카메라 사랑해 안녕하세요 우리집`.split(/\s+/),
);
const ROWS = ["abcdefghijklmnopqrstuvwxyz", "qwertyuiop", "qwertzuiop", "asdfghjkl", "zxcvbnm", "0123456789", "ㅂㅈㄷㄱㅅ"];

/** The strength of what was typed; it counts in Unicode's form NFKC, as it is used. */
export function strengthOf(typed: string): Strength {
  const text = typed.normalize("NFKC");
  const bits = bitsOf(text);
  return { bits, level: levelOf(text, bits), seconds: 2 ** Math.max(0, bits - 1) / GUESSES_PER_S };
}

function levelOf(text: string, bits: number): Level {
  if (!text) return "none";
  if (text.length < MIN_LENGTH) return "short";
  if (bits < FAIR_BITS) return "weak";
  if (bits < GOOD_BITS) return "fair";
  return bits < STRONG_BITS ? "good" : "strong";
}

function bitsOf(text: string): number {
  const seen = new Set<string>();
  let bits = 0;
  for (const [token] of text.toLowerCase().matchAll(/\p{N}+|\p{Script=Latin}+|\p{Script=Hangul}+|\p{Script=Han}+|[\p{Script=Hiragana}\p{Script=Katakana}ー]+|\p{L}+/gu)) {
    bits += seen.has(token) ? 1 : tokenBits(token);
    seen.add(token);
  }
  // Signs between words: one habit for all of them, mostly.
  const signs = new Set(text.match(/[^\p{L}\p{N}\s]/gu) ?? []);
  const capitals = /\p{Lu}/u.test(text.slice(1)) ? 2 : 0;
  return bits + 2.5 * Math.min(signs.size, 3) + capitals;
}

function tokenBits(token: string): number {
  if (COMMON.has(token)) return COMMON_BITS;
  const again = /^(.+?)\1+$/u.exec(token)?.[1];
  if (again && again.length > 2) return tokenBits(again) + 1;
  const letters = [...token];
  if (letters.length > 3 && new Set(letters).size <= 2) return 3 + Math.log2(letters.length);
  if (isRun(token)) return 4 + Math.log2(letters.length);
  if (/^\p{N}+$/u.test(token)) return numberBits(token);
  if (/^\p{Script=Latin}+$/u.test(token)) return latinBits(token.length);
  if (/^\p{Script=Hangul}+$/u.test(token)) return Math.min(5 * letters.length, Math.ceil(letters.length / 4) * WORD_BITS);
  if (/^\p{Script=Han}+$/u.test(token)) return 6 * letters.length;
  // One kana between two other letters is mostly a particle.
  return letters.length === 1 ? 2 : 4 * letters.length;
}

function numberBits(token: string): number {
  if (/^(19|20)\d\d$/.test(token)) return 6;
  if (/^(19|20)\d{6}$|^\d{4}(19|20)\d\d$/.test(token)) return 14;
  return 3.3 * token.length;
}

/** A word, or several written together: six letters a word at least. */
function latinBits(length: number): number {
  return length <= 3 ? 3 * length : WORD_BITS * Math.max(1, Math.floor(length / 7));
}

/** Letters in a row on the keyboard or in the alphabet, there or back. */
function isRun(token: string): boolean {
  const back = [...token].reverse().join("");
  return token.length >= 3 && ROWS.some((row) => (row + row).includes(token) || (row + row).includes(back));
}
