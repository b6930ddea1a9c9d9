import type { Profile } from '../profiles/profile.js';
import type { Lives, ValueFormats } from './value-format.js';

type Lifetimes = Pick<Profile, 'authenticatedLifetimeMs' | 'anonymousLifetimeMs'>;

/** So many lives must be known before the longest of them says how long the others may be. */
const ENOUGH_LIVES = 10;

/** Where sessions come and go, the longest life that is left is nearly a whole one. */
const NEARLY_WHOLE = 0.9;

/** Whether sessions have more life left than a reader gives them; its operator may have set other lifetimes, too. */
export function contradicts(lifetimes: Lifetimes, { logins, visitors }: ValueFormats): boolean {
  return logins.longestMs > lifetimes.authenticatedLifetimeMs || visitors.longestMs > lifetimes.anonymousLifetimeMs;
}

/**
 * How well lives that were measured go with a reader's lifetimes: -1 where they are longer, else of how many of its two
 * lifetimes the longest left is nearly all. An idle site, where all lives are short, fits every reader alike.
 */
export function lifeFit(lifetimes: Lifetimes, formats: ValueFormats): number {
  if (contradicts(lifetimes, formats)) return -1;
  const isNearly = ({ known, longestMs }: Lives, lifetimeMs: number) =>
    known >= ENOUGH_LIVES && longestMs > lifetimeMs * NEARLY_WHOLE;
  const { authenticatedLifetimeMs, anonymousLifetimeMs } = lifetimes;
  return (
    Number(isNearly(formats.logins, authenticatedLifetimeMs)) + Number(isNearly(formats.visitors, anonymousLifetimeMs))
  );
}
