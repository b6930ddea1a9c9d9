import { OperatorError } from '../errors.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import { explained } from '../system-error.js';

/**
 * Does what comes after a pass. A disk that fails then takes nothing of the result away: it becomes a warning, and no
 * success either.
 */
export async function afterPass(
  step: () => Promise<void> | void,
  summary: { exitCode: ExitCode },
  warnings: string[],
): Promise<void> {
  try {
    await step();
  } catch (thrown) {
    const error = explained(thrown);
    if (!(error instanceof OperatorError)) throw error;
    warnings.push(error.message);
    if (summary.exitCode === EXIT.complete || summary.exitCode === EXIT.rejects) summary.exitCode = error.exitCode;
  }
}
