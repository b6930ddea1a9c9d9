/** How sure a bound is, one-sided. */
export const CONFIDENCE = 0.95;

/** How closely the bound is told, as a part of it. */
const PRECISION = 1e-12;

/**
 * The largest share of differing sessions with which a random sample of `compared`, of which `different` differ, is not
 * surprising at {@link CONFIDENCE}: the upper limit of Clopper and Pearson (Biometrika 26, 1934), exact for any size. With none
 * that differs it is near 3 / `compared`. NaN for an empty sample.
 */
export function upperBound(different: number, compared: number): number {
  if (compared === 0) return Number.NaN;
  if (different >= compared) return 1;
  if (different === 0) return 1 - (1 - CONFIDENCE) ** (1 / compared);
  // The logarithm of the number of ways to choose those that differ.
  let logWays = 0;
  for (let i = 1; i <= different; i++) logWays += Math.log((compared - different + i) / i);
  let low = different / compared;
  let high = 1;
  while (high - low > high * PRECISION) {
    const middle = (low + high) / 2;
    if (middle <= low || middle >= high) break;
    if (atMost(different, compared, logWays, middle) > 1 - CONFIDENCE) low = middle;
    else high = middle;
  }
  return high;
}

/**
 * The chance that at most `count` of `trials` meet an event of this probability, which is above `count / trials`: summed up
 * from the largest term down, as long as terms matter.
 */
function atMost(count: number, trials: number, logWays: number, probability: number): number {
  let chance = Math.exp(logWays + count * Math.log(probability) + (trials - count) * Math.log1p(-probability));
  let sum = chance;
  for (let i = count; i > 0 && chance > sum * Number.EPSILON; i--) {
    chance *= (i / (trials - i + 1)) * ((1 - probability) / probability);
    sum += chance;
  }
  return sum;
}
