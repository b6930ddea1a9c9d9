import type { DetectedReader } from '../applications/known-readers.js';
import type { DetectedApplication } from '../detect/applications.js';
import type { Detection } from '../detect/detect.js';
import { EXIT, type ExitCode } from '../errors.js';
import { shellWord } from '../masking.js';
import { parseOptions } from '../options/run-options.js';
import type { SettledOptions } from '../options/settle.js';
import { describeEndpoint, type Endpoint } from '../redis/endpoint.js';
import { jsonLines, shortSummary } from '../report/summary.js';
import { recordTable } from '../report/text-table.js';
import { counted, formatCount, formatDuration } from '../units.js';

/** Enough to find what is one key in a thousand, in about a second a database. */
const BOUNDS = { maxKeys: 100_000, maxValues: 100, maxDatabases: 64 };

/** Names the readers whose keys are in Redis already. */
export async function runDetect(settled: SettledOptions): Promise<ExitCode> {
  const options = parseOptions(settled, []);
  const target = options.target as Endpoint;
  process.stderr.write(`sess2redis detect: ${describeEndpoint(target)}\n`);
  const { detect } = await import('../detect/detect.js');
  const { checkWork } = await import('../preflight/preflight.js');
  for (const message of await checkWork('detect', target)) process.stderr.write(`warning: ${message}\n`);

  const detection = await detect(target, BOUNDS);
  const { detectApplications } = await import('../detect/applications.js');
  const applications = await detectApplications(target, detection, BOUNDS);
  const isEmpty = detection.findings.length + applications.length === 0;
  const exitCode = isEmpty && options.failIfEmpty ? EXIT.nothing : EXIT.complete;
  process.stdout.write(
    options.isJson ? json(detection, applications, exitCode) : `${render(detection, applications)}\n`,
  );
  return exitCode;
}

function json(
  { findings, keys, looked, databases, closed }: Detection,
  applications: readonly DetectedApplication[],
  exitCode: ExitCode,
): string {
  const records = [
    ...findings.map((finding) => ({ type: 'reader', ...finding })),
    ...applications.map((found) => ({ type: 'live-keys', ...found })),
  ];
  const counts = { readers: findings.length, applications: applications.length, keys, looked, databases, closed };
  return jsonLines([...records, shortSummary('detect', counts, exitCode)]);
}

function render(
  { findings, keys, looked, databases, closed, lacks }: Detection,
  applications: readonly DetectedApplication[],
): string {
  const looks = `${formatCount(looked)} of ${counted(keys, 'key')} in ${counted(databases.length, 'database')} looked at`;
  const remedy = `: grant it ${lacks.map((right) => `+${right}`).join(' ')}`;
  const shut =
    closed.length === 0
      ? ''
      : `\nthis user may not look into ${closed.map((index) => `database ${index}`).join(', ')}${remedy}`;
  const tables = [
    ...(findings.length > 0 ? [recordTable(findings, COLUMNS, [4])] : []),
    ...(applications.length > 0 ? [recordTable(applications, APPLICATION_COLUMNS)] : []),
  ];
  if (tables.length === 0) return `no session keys found, ${looks}${shut}`;
  return `${tables.join('\n\n')}\n${looks}${shut}`;
}

const durationOf = (ms: number | null) => (ms === null ? '-' : formatDuration(ms));

const COLUMNS: Readonly<Record<string, (finding: DetectedReader) => string>> = {
  db: ({ database }) => String(database),
  key: ({ keyTemplate }) => keyTemplate,
  value: ({ encoding }) => encoding ?? 'unseen',
  ids: ({ sids }) => sids.join(', '),
  keys: ({ keys }) => formatCount(keys),
  sessions: ({ decoded, read }) => `${decoded} of ${read}`,
  confidence: ({ confidence }) => confidence,
  login: ({ lifetimeMs }) => durationOf(lifetimeMs),
  anonymous: ({ anonymousLifetimeMs }) => durationOf(anonymousLifetimeMs),
  renewed: ({ renewsOnRead }) => (renewsOnRead === null ? '-' : renewsOnRead ? 'by a read' : 'by a save'),
  'read by, as options': ({ options, alternatives }) =>
    options.map(shellWord).join(' ') + (alternatives.length === 0 ? '' : `  (or ${alternatives.join(', ')})`),
};

const APPLICATION_COLUMNS: Readonly<Record<string, (found: DetectedApplication) => string>> = {
  db: ({ database }) => String(database),
  application: ({ application }) => application,
  keys: ({ found, read }) => `${formatCount(found)} of ${formatCount(read)}`,
  confidence: ({ confidence }) => confidence,
  'moved by': ({ options, advice }) => advice ?? options.map(shellWord).join(' '),
};
