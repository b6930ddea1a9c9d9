/** The command line of the bench: counts such as `200k`, and which groups of rows to measure. */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const scales = { '': 1, k: 1e3, M: 1e6 };

const options = {
  sessions: { type: 'string', default: '1M', help: 'files in the warm store' },
  runs: { type: 'string', default: '3', help: 'measurements of each contender; the table shows medians' },
  only: { type: 'string', help: 'groups of rows, e.g. warm,cold (see below)' },
  'skip-slow': { type: 'boolean', default: false, help: 'leave out cold, python and growth' },
  'cold-sessions': { type: 'string', default: '200k', help: 'files in the cold store: tar reads 10 k/s there' },
  'latency-sessions': {
    type: 'string',
    default: '300k',
    help: "files migrated while another client's latency is taken",
  },
  'application-sessions': { type: 'string', default: '100k', help: 'files of each application that is compared' },
  'growth-sessions': { type: 'string', help: 'e.g. 8M: peak memory again on a store of this size (32 GB of disk)' },
  format: { type: 'string', default: 'json', help: 'json or pickle (protocol 4)' },
  directory: { type: 'string', help: 'keep the stores here and reuse them (default: temporary, removed)' },
  json: { type: 'string', help: 'write every single run to this file' },
  cli: { type: 'string', help: 'another build of bin/sess2redis.js' },
  help: { type: 'boolean', default: false, help: 'this text' },
};

class UsageError extends Error {}

function parseCount(text) {
  const [, digits, scale] = /^(\d+(?:\.\d+)?)([kM]?)$/.exec(text) ?? [];
  const count = Number(digits) * scales[scale];
  if (!Number.isSafeInteger(count) || count < 1)
    throw new UsageError(`not a count such as 50000, 200k or 1.5M: ${text}`);
  return count;
}

/** For a script's first line: prints help or what is wrong with the arguments, and ends there. */
export function argumentsOrExit(script, groups) {
  try {
    const read = readArguments(process.argv.slice(2), groups);
    if (read.help) {
      process.stdout.write(`${helpText(script, groups)}\n`);
      process.exit(0);
    }
    if (!existsSync(read.cli)) throw new UsageError(`${read.cli} is not there: build first, or name one with --cli`);
    return read;
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    process.stderr.write(`bench: ${error.message}\n`);
    process.exit(2);
  }
}

/** Arguments after `--` go to `sess2redis migrate` as they are, e.g. `-- --rate 20k`. */
function readArguments(argv, groups) {
  const { values, positionals, tokens } = parse(argv);
  const passedOn = tokens.some((token) => token.kind === 'option-terminator') ? positionals : [];
  if (positionals.length > passedOn.length) throw new UsageError(`unexpected argument: ${positionals[0]}`);
  const only = values.only?.split(',').map((group) => group.trim());
  const strange = only?.filter((group) => !groups.includes(group)) ?? [];
  if (strange.length > 0) throw new UsageError(`--only ${strange}: the groups are ${groups.join(', ')}`);
  if (!['json', 'pickle'].includes(values.format)) throw new UsageError('--format is json or pickle');
  return {
    sessions: parseCount(values.sessions),
    runs: parseCount(values.runs),
    only,
    skipSlow: values['skip-slow'],
    coldSessions: parseCount(values['cold-sessions']),
    latencySessions: parseCount(values['latency-sessions']),
    applicationSessions: parseCount(values['application-sessions']),
    growthSessions: values['growth-sessions'] && parseCount(values['growth-sessions']),
    format: values.format,
    directory: values.directory,
    json: values.json,
    cli: values.cli ?? fileURLToPath(new URL('../bin/sess2redis.js', import.meta.url)),
    passedOn,
    help: values.help,
  };
}

function parse(argv) {
  const known = Object.fromEntries(
    Object.entries(options).map(([name, { type, default: fallback }]) => [
      name,
      fallback === undefined ? { type } : { type, default: fallback },
    ]),
  );
  try {
    return parseArgs({ args: argv, options: known, allowPositionals: true, tokens: true });
  } catch (error) {
    throw new UsageError(error.message);
  }
}

function helpText(script, groups) {
  const lines = Object.entries(options).map(([name, { help, default: fallback }]) => {
    const shown = typeof fallback === 'string' ? ` [${fallback}]` : '';
    return `  --${name.padEnd(20)} ${help}${shown}`;
  });
  const about = groups.length > 0 ? [`groups: ${groups.join(', ')}`] : [];
  return [`node bench/${script} [options] [-- options for migrate]`, ...lines, ...about].join('\n');
}
