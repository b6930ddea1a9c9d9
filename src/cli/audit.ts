import { auditWordsOf } from '../applications/audit-words-of.js';
import type { ExitCode } from '../errors.js';
import { constantRate, rateAt } from '../governor/timetable.js';
import { parseOptions, type RunOptions } from '../options/run-options.js';
import type { SettledOptions } from '../options/settle.js';
import { auditCapacityOf, modelledBytes } from '../report/audit/capacity.js';
import { type AuditFindings, auditFindingsOf, auditLines, shapeLines } from '../report/audit/findings.js';
import { auditReport } from '../report/commands/audit.js';
import { type FinishedPass, reportedPass } from './finished-pass.js';
import { runPassCommand } from './pass-command.js';

/** Reads everything, writes nothing: what would move, what would not and why, and whether it will fit. */
export async function runAudit(settled: SettledOptions, words: readonly string[]): Promise<ExitCode> {
  const options = parseOptions(settled, words);
  return runPassCommand(
    'audit',
    atFullSpeed(options),
    {
      toReport: (finished) => auditReport(reportedPass(finished), findings(finished, options)),
      toLines: (finished) => {
        const found = findings(finished, options);
        return [...shapeLines(found, finished.result.statistics), ...auditLines(found)];
      },
    },
    settled.typed,
  );
}

/** `--rate` is the rate of the migration that the verdict is about; reading needs no bound. */
function atFullSpeed(options: RunOptions): RunOptions {
  const lanes = { ...options.pass.lanes, weighsUnopened: true };
  return {
    ...options,
    pass: { ...options.pass, lanes, pace: { ...options.pass.pace, timetable: constantRate(Number.POSITIVE_INFINITY) } },
  };
}

function findings({ result, summary, sources, directories, outlook }: FinishedPass, asked: RunOptions): AuditFindings {
  const { statistics, tally } = result;
  const { before, after } = asked.pass.lanes.key;
  const words = auditWordsOf(asked.pass.lanes.application);
  const sessions = tally.ofClass('moved');
  const ratePerSecond = rateAt(asked.pass.pace.timetable, new Date());
  // A pause says nothing about the pace of what it interrupts.
  const chosenRate = Number.isFinite(ratePerSecond) && ratePerSecond > 0 ? ratePerSecond : null;
  const measured = outlook.capacity?.isMeasured ? outlook.capacity : null;
  const capacity = auditCapacityOf({
    sessions,
    bytesPerSession:
      measured?.bytesPerSession ?? modelledBytes(words, statistics, before.length + after.length) / (sessions || 1),
    isMeasured: measured !== null,
    target: outlook.memory,
    room: outlook.capacity,
    entries: summary.listed,
    elapsedMs: summary.elapsedMs,
    chosenRate,
    refusal: outlook.refusal,
  });
  return auditFindingsOf(words, statistics, summary.outcomes, sources, directories, capacity, summary.rejectKinds);
}
