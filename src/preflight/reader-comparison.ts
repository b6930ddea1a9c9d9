import { type ConfiguredReader, NO_RIVALS, type Rivals } from '../applications/configured-reader.js';
import { type DetectBounds, detect } from '../detect/detect.js';
import { EXIT, OperatorError } from '../errors.js';
import type { Endpoint } from '../redis/endpoint.js';

/** A glance at the keys that are there: some ten milliseconds. */
const GLANCE: DetectBounds = { maxKeys: 2_000, maxValues: 20, maxDatabases: 8 };

/**
 * What keys that are there say against the chosen reader.
 * @throws {OperatorError} where the target can't be asked
 */
export async function rivalsOf(target: Endpoint, reader: ConfiguredReader): Promise<Rivals> {
  if (!reader.hasRivals) return NO_RIVALS;
  const { findings } = await detect(target, GLANCE);
  return reader.rivalsAmong(findings, target.databaseIndex ?? 0);
}

/**
 * Whether keys that are there follow another reader than the chosen one: what to ask whoever named no prefix before
 * anything is done, or what to warn of.
 * @throws {OperatorError} where the target can't be asked
 */
export async function compareReaders(
  target: Endpoint,
  reader: ConfiguredReader,
): Promise<{ question: OperatorError | null; warning: string | null }> {
  const { question, warning } = await rivalsOf(target, reader);
  const isAsked = question !== null && !reader.isPrefixGiven;
  return { question: isAsked ? new OperatorError(EXIT.refused, question) : null, warning };
}
