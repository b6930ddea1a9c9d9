import {
  PROFILE_COLUMNS,
  profileNotes,
  profileRecords,
  profileSources,
  RELEASES,
} from '../applications/command-line.js';
import { EXIT, type ExitCode } from '../errors.js';
import type { SettledOptions } from '../options/settle.js';
import { jsonLines, shortSummary } from '../report/summary.js';
import { recordTable, table } from '../report/text-table.js';

/** Shows the readers and their rules, so that the operator can find the one that runs. */
export async function runProfiles(settled: SettledOptions): Promise<ExitCode> {
  const records = profileRecords();
  const lines = [...records, shortSummary('profiles', { profiles: records.length })];
  const text = [recordTable(records, PROFILE_COLUMNS), RELEASES, table(profileSources()), ...profileNotes()];
  process.stdout.write(settled.value('json') === true ? jsonLines(lines) : `${text.join('\n\n')}\n`);
  return EXIT.complete;
}
