// A passphrase by chance, of words that nobody has and every keyboard types.
const CONSONANTS = "bdfghjkmnprstvz";
const VOWELS = "aeiou";
const SYLLABLES = CONSONANTS.length * VOWELS.length;
const WORDS = 5;
const SYLLABLES_PER_WORD = 3;

/** Five words of three syllables: 93 bits by chance, far more than anybody can try. */
export function suggestion(): string {
  return Array.from({ length: WORDS }, () => Array.from({ length: SYLLABLES_PER_WORD }, syllable).join("")).join(" ");
}

function syllable(): string {
  const n = below(SYLLABLES);
  return CONSONANTS.charAt(Math.floor(n / VOWELS.length)) + VOWELS.charAt(n % VOWELS.length);
}

/** A number from 0 to below `limit`, each as likely. */
export function below(limit: number): number {
  const fair = 2 ** 32 - (2 ** 32 % limit);
  const drawn = crypto.getRandomValues(new Uint32Array(1));
  return (drawn[0] ?? 0) < fair ? (drawn[0] ?? 0) % limit : below(limit);
}
