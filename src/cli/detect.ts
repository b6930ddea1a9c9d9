import type { DetectedReader } from '../applications/odoo/detected-reader.js';
import type { Detection } from '../detect/detect.js';
import { EXIT, type ExitCode } from '../errors.js';
import { shellWord } from '../masking.js';
import { parseOptions } from '../options/run-options.js';
import type { SettledOptions } from '../options/settle.js';
import { describeEndpoint, type Endpoint } from '../redis/endpoint.js';
import { table } from '../report/text.js';
import { formatCount, formatDuration } from '../units.js';

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
  const isEmpty = detection.findings.length === 0;
  const exitCode = isEmpty && options.failIfEmpty ? EXIT.nothing : EXIT.complete;
  const lines = options.isJson ? linesOf(detection, exitCode) : [render(detection)];
  process.stdout.write(`${lines.join('\n')}\n`);
  return exitCode;
}

function linesOf({ findings, keys, looked, databases, closed }: Detection, exitCode: number): string[] {
  const summary = { type: 'summary', version: 1, command: 'detect', readers: findings.length, keys, looked };
  const records = findings.map((finding) => ({ type: 'reader', ...finding }));
  return [...records, { ...summary, databases, closed, exitCode }].map((record) => JSON.stringify(record));
}

function render({ findings, keys, looked, databases, closed, lacks }: Detection): string {
  const looks = `${formatCount(looked)} of ${formatCount(keys)} keys in ${databases.length} databases looked at`;
  const remedy = `: grant it ${lacks.map((right) => `+${right}`).join(' ')}`;
  const shut =
    closed.length === 0
      ? ''
      : `\nthis user may not look into ${closed.map((index) => `database ${index}`).join(', ')}${remedy}`;
  if (findings.length === 0) return `no session keys found, ${looks}${shut}`;
  const rows = [
    [
      'db',
      'key',
      'value',
      'ids',
      'keys',
      'sessions',
      'confidence',
      'login',
      'anonymous',
      'renewed',
      'read by, as options',
    ],
  ];
  for (const finding of findings) rows.push(rowOf(finding));
  return `${table(rows, [4])}\n${looks}${shut}`;
}

function rowOf(finding: DetectedReader): string[] {
  const { lifetimeMs, anonymousLifetimeMs, renewsOnRead } = finding;
  const { database, keyTemplate, encoding, sids, keys, read, decoded, confidence, options, alternatives } = finding;
  const others = alternatives.length === 0 ? '' : `  (or ${alternatives.join(', ')})`;
  return [
    String(database),
    keyTemplate,
    encoding ?? 'unseen',
    sids.join(', '),
    formatCount(keys),
    `${decoded} of ${read}`,
    confidence,
    lifetimeMs === null ? '-' : formatDuration(lifetimeMs),
    anonymousLifetimeMs === null ? '-' : formatDuration(anonymousLifetimeMs),
    renewsOnRead === null ? '-' : renewsOnRead ? 'by a read' : 'by a save',
    `${options.map(shellWord).join(' ')}${others}`,
  ];
}
