import { join } from 'node:path';
import { EXIT, type ExitCode, OperatorError } from '../errors.js';
import type { LedgerContents } from '../ledger/visit.js';
import { neededStateDir } from '../options/output.js';
import { parseOptions } from '../options/run-options.js';
import type { SettledOptions } from '../options/settle.js';
import { jsonLines, shortSummary } from '../report/summary.js';
import { table } from '../report/text-table.js';
import { formatCount, formatDuration } from '../units.js';

const PASSES_SHOWN = 5;

/** Shows what a ledger holds. It names no session. */
export async function runLedger(settled: SettledOptions, words: readonly string[]): Promise<ExitCode> {
  const options = parseOptions(settled, words);
  // Copied, and the copy opened: opening changes files, and root would change their owner with them.
  process.umask(0o077);
  const stateDir = neededStateDir(options);
  const { openForReading } = await import('../ledger/copy.js');
  const { contentsOf } = await import('../ledger/visit.js');
  const ledger = await openForReading(stateDir, null);
  if (ledger === null) {
    throw new OperatorError(
      EXIT.usage,
      `there is no ledger below ${stateDir}: name the --state-dir of a migrate or sync`,
    );
  }
  try {
    const contents = await contentsOf(ledger, Date.now());
    const lines = [{ type: 'ledger', ...contents }, shortSummary('ledger', { profile: options.reader.name })];
    const text = options.isJson ? jsonLines(lines) : `${render(contents, join(stateDir, 'ledger'))}\n`;
    process.stdout.write(text);
    return EXIT.complete satisfies ExitCode;
  } finally {
    await ledger.close();
  }
}

function render(contents: LedgerContents, directory: string): string {
  const { identity, records, live, shards, openBatches, isCutoverDone, passes, layout } = contents;
  const facts: string[][] = [['ledger', `${directory}, layout ${layout}`], ...Object.entries(identity)];
  facts.push(['cutover', isCutoverDone ? 'done: copies are only added' : 'not yet']);
  const counts: string[][] = [
    ['ours', formatCount(records.ours), `sent by us, ${formatCount(live)} of them still to live`],
    ['kept', formatCount(records.kept), "the key held another value: the application's word wins"],
    ['skipped', formatCount(records.skipped), 'sessions that do not move'],
    ['shards', formatCount(shards), 'directories that need not be listed while they are unchanged'],
    ['open', formatCount(openBatches), 'round trips in doubt, which the next pass settles'],
  ];
  const last = passes
    .slice(-PASSES_SHOWN)
    .map((pass) => [
      new Date(pass.startedMs).toISOString(),
      pass.command,
      `${formatCount(pass.listed)} listed`,
      formatDuration(pass.elapsedMs),
      `exit ${pass.exitCode}`,
    ]);
  const parts = [table(facts), table(counts, [1])];
  if (last.length > 0) parts.push(`last passes:\n${table(last, [2, 3])}`);
  return parts.join('\n\n');
}
