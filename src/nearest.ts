/** A longer word may hold more typing errors: one in three characters, at least one. */
const CHARACTERS_PER_ERROR = 3;

/**
 * The candidate that `word` was most likely meant to be: the one with the fewest typing errors (a character too many,
 * missing, wrong, or two swapped), or one that begins with it. Null where none is near enough to be worth a guess.
 */
export function nearest(word: string, candidates: Iterable<string>): string | null {
  let best: string | null = null;
  let fewest = Math.max(1, Math.floor(word.length / CHARACTERS_PER_ERROR)) + 1;
  for (const candidate of candidates) {
    const isBeginning = word.length >= CHARACTERS_PER_ERROR && candidate.startsWith(word);
    const errors = isBeginning ? 1 : errorsBetween(word, candidate);
    if (errors < fewest) {
      best = candidate;
      fewest = errors;
    }
  }
  return best;
}

/** Damerau-Levenshtein distance in its usual restricted form: no part of a word is edited twice. */
function errorsBetween(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const isSame = a[i - 1] === b[j - 1];
      let errors = Math.min(
        (last[j] as number) + 1,
        (row[j - 1] as number) + 1,
        (last[j - 1] as number) + (isSame ? 0 : 1),
      );
      const isSwap = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (isSwap) errors = Math.min(errors, (beforeLast[j - 2] as number) + 1);
      row.push(errors);
    }
    beforeLast = last;
    last = row;
  }
  return last[b.length] as number;
}
