import { shellWord } from '../../masking.js';
import { formatCount } from '../../units.js';
import type { KeyTemplate } from '../application.js';
import type { DetectedReader } from './detected-reader.js';
import { VALUE_FORMATS, type ValueEncoding } from './profile.js';
import { profileNamed } from './profiles.js';

/** The reader that a run writes for. */
export interface ChosenReader {
  database: number;
  key: KeyTemplate;
  encoding: ValueEncoding;
}

/** Keys of another kind are no sign of anything below this number. */
const ENOUGH_KEYS = 3;

/** From so many sessions on, keys of the same reader under another prefix are those that the run is about. */
const MANY_KEYS = 100;

/**
 * Why a run that names no prefix must not begin, or null: the same reader has many sessions in the same database under
 * one, and none under the keys that this run would write.
 */
export function prefixQuestion(
  findings: readonly DetectedReader[],
  profile: string,
  chosen: ChosenReader,
): string | null {
  const template = `${chosen.key.before}{sid}${chosen.key.after}`;
  const here = findings.filter(({ database }) => database === chosen.database);
  if (here.some(({ keyTemplate, keys }) => keyTemplate === template && keys >= ENOUGH_KEYS)) return null;
  const other = here.find(
    ({ keys, prefix, confidence, ...finding }) =>
      keys >= MANY_KEYS &&
      prefix !== '' &&
      confidence !== 'possible' &&
      (finding.profile === profile ||
        finding.alternatives.includes(profile) ||
        isItsKey(profile, prefix, finding.keyTemplate)),
  );
  if (other === undefined) return null;
  const { keys, keyTemplate, prefix } = other;
  return (
    `the target holds some ${formatCount(keys)} sessions as ${keyTemplate}, and without --prefix this run is about ${template}: ` +
    `say --prefix ${shellWord(prefix)} to go on with those, or --prefix '' if these are others`
  );
}

/**
 * What is said where none of the keys that were asked for is there, or null: the same reader has sessions in the same
 * database under another prefix.
 */
export function prefixHint(findings: readonly DetectedReader[], profile: string, chosen: ChosenReader): string | null {
  const template = `${chosen.key.before}{sid}${chosen.key.after}`;
  const other = findings.find(
    ({ database, keys, confidence, keyTemplate, ...finding }) =>
      database === chosen.database &&
      keys >= ENOUGH_KEYS &&
      keyTemplate !== template &&
      confidence !== 'possible' &&
      (finding.profile === profile || finding.alternatives.includes(profile)),
  );
  if (other === undefined) return null;
  return (
    `no key is as ${template}, and some ${formatCount(other.keys)} sessions are there as ${other.keyTemplate}: ` +
    `${other.prefix === '' ? 'leave --prefix out' : `say --prefix ${shellWord(other.prefix)}`} if these are meant`
  );
}

/** A release, named as such, has the keys of its module, which is what is found. */
function isItsKey(profile: string, prefix: string, template: string): boolean {
  const named = profile === 'generic' ? undefined : profileNamed(profile);
  return named !== undefined && `${named.keyBefore(prefix)}{sid}${named.keyAfter(prefix)}` === template;
}

/**
 * The warning that Odoo seems to read other keys than a run is going to write, or null: where no session is in Redis
 * yet, or some are just as this run would write them.
 */
export function contradictionOf(findings: readonly DetectedReader[], chosen: ChosenReader): string | null {
  const live = findings.filter(({ keys, confidence }) => keys >= ENOUGH_KEYS && confidence !== 'possible');
  const format = VALUE_FORMATS[chosen.encoding];
  const template = `${chosen.key.before}{sid}${chosen.key.after}`;
  const agrees = (finding: DetectedReader) =>
    finding.database === chosen.database &&
    finding.keyTemplate === template &&
    (format === null || (format === 'pickle') === (finding.encoding === 'pickle'));
  const other = live[0];
  if (other === undefined || live.some(agrees)) return null;
  const { database, keyTemplate, encoding, keys, options } = other;
  return (
    `database ${database} holds some ${formatCount(keys)} sessions as ${keyTemplate} (${encoding}), but this run writes ${template} ` +
    `(${chosen.encoding}) in database ${chosen.database}: if Odoo made those, it will not find these; ` +
    `${options.join(' ')} and database ${database} would match`
  );
}
