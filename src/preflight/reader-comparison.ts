import { odooSettingsOf } from '../applications/application-of.js';
import { contradictionOf, prefixHint, prefixQuestion } from '../applications/odoo/contradiction.js';
import { type DetectBounds, detect } from '../detect/detect.js';
import { EXIT, OperatorError } from '../errors.js';
import type { LaneSettings } from '../intake/settings.js';
import type { Endpoint } from '../redis/endpoint.js';

/** A glance at the keys that are there: some ten milliseconds. */
const GLANCE: DetectBounds = { maxKeys: 2_000, maxValues: 20, maxDatabases: 8 };

/**
 * Whether keys that are there follow another reader than the chosen one: what to ask the operator before anything is
 * done, or what to warn of.
 * @param unprefixed the profile, where the operator named no prefix; null asks nothing
 */
export async function compareReaders(
  target: Endpoint,
  { key, application }: Pick<LaneSettings, 'application' | 'key'>,
  unprefixed: string | null,
): Promise<{ question: OperatorError | null; warning: string | null }> {
  // Only its modules have keys and values that can be taken for each other's.
  if (!('odoo' in application)) return { question: null, warning: null };
  const { findings } = await detect(target, GLANCE);
  const chosen = {
    key,
    encoding: odooSettingsOf({ application }).reader.encoding,
    database: target.databaseIndex ?? 0,
  };
  const question = unprefixed === null ? null : prefixQuestion(findings, unprefixed, chosen);
  return {
    question: question === null ? null : new OperatorError(EXIT.refused, question),
    warning: contradictionOf(findings, chosen),
  };
}

/**
 * {@link prefixHint}, as the keys of the target tell it.
 * @throws {OperatorError} where it can't be asked
 */
export async function askAboutPrefix(
  target: Endpoint,
  { key, application }: Pick<LaneSettings, 'application' | 'key'>,
  profile: string,
): Promise<string | null> {
  if (!('odoo' in application)) return null;
  const { findings } = await detect(target, GLANCE);
  return prefixHint(findings, profile, {
    key,
    encoding: odooSettingsOf({ application }).reader.encoding,
    database: target.databaseIndex ?? 0,
  });
}
