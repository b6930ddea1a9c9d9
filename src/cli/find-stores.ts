import { resolve } from 'node:path';
import { OWN_CODE } from '../applications/application-of.js';
import { recogniseStore, type StoreFinding } from '../applications/recognise-store.js';
import { STORE_MARKS } from '../applications/store-marks.js';
import { sampleFiles } from '../detect/sample-files.js';
import { EXIT, OperatorError } from '../errors.js';
import type { RunOptions } from '../options/run-options.js';
import { findSources } from '../source/sources.js';
import { counted } from '../units.js';

/**
 * The session directories that the operator named.
 * @param onPassedOver told of directories that a pattern could not look into
 * @throws {OperatorError} that says whose sessions are in there, where they are of another application
 */
export async function findStores(
  { patterns, reader, isApplicationGiven }: Pick<RunOptions, 'patterns' | 'reader' | 'isApplicationGiven'>,
  onPassedOver: (warning: string) => void,
): Promise<string[]> {
  try {
    return await findSources(patterns, onPassedOver, (directory) => reader.wrongDirectoryReason(directory));
  } catch (error) {
    throw isApplicationGiven ? error : await orRecognised(error, patterns);
  }
}

/** What to say instead of `error` where a source holds sessions of other applications. */
async function orRecognised(error: unknown, patterns: readonly string[]): Promise<unknown> {
  if (!(error instanceof OperatorError) || error.exitCode !== EXIT.usage) return error;
  // Imported where nothing else is left to say.
  const { builtInNames, builtInTemplate } = await import('../applications/built-in.js');
  const templates = builtInNames().map(builtInTemplate);
  const sentences = patterns.flatMap((pattern) => {
    const directory = resolve(pattern);
    const findings = recogniseStore(sampleFiles(directory), templates);
    const sentence = sentenceOf(directory, findings);
    return sentence === null ? [] : [sentence];
  });
  return sentences.length === 0 ? error : new OperatorError(EXIT.usage, sentences.join('; '));
}

/** Null where nothing is recognised that could be moved, or told of. */
function sentenceOf(directory: string, findings: readonly StoreFinding[]): string | null {
  const known = findings.filter(({ application }) => application !== '' && application !== OWN_CODE.name);
  const [first] = known;
  if (first === undefined) return null;
  const mark = STORE_MARKS.find(({ name }) => name === first.application);
  if (mark !== undefined) return `${directory} holds sessions of ${mark.title}: ${mark.advice}`;
  const isOne = known.every(({ application }) => application === first.application);
  const words = (finding: StoreFinding) =>
    `${counted(finding.count, 'file')} of ${finding.application}${finding.ownerUid === null ? '' : ` and user ${finding.ownerUid}`}, ${finding.certainty}`;
  if (!isOne) {
    return `${directory} holds sessions of several applications (${known.map(words).join('; ')}): say by --app whose are to be moved`;
  }
  const others = first.alternatives.length === 0 ? '' : `, or one of ${first.alternatives.join(', ')}`;
  const options = Object.entries(first.values).map(([name, value]) => ` --${name} ${value}`);
  return (
    `${directory} holds sessions of ${first.application}${others} (${first.certainty}: ${first.because}): ` +
    `say --app ${first.application}${options.join('')}`
  );
}
