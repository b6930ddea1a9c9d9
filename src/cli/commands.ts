import { MIXED, SERIES } from '../applications/odoo/series.js';
import { DEFAULT_ODOO, DEFAULT_STEPS } from '../options/bench.js';
import type { OptionEntry, OptionName } from '../options/table.js';
import { type Command, SOURCES } from './command.js';
import {
  auditCommand,
  explainCommand,
  exportCommand,
  migrateCommand,
  syncCommand,
  verifyCommand,
} from './session-commands.js';

const SHARED_OPTIONS: readonly OptionName[] = [
  ...(['to', 'user', 'password-file', 'tls-ca', 'tls-cert', 'tls-key', 'tls-insecure', 'address-map'] as const),
  ...(['sentinel-user', 'sentinel-password-file'] as const),
  ...(['profile', 'prefix', 'key-template', 'encoding', 'sids', 'lanes'] as const),
  ...(['json', 'report', 'quiet', 'no-color'] as const),
];

const benchOption = (
  group: OptionEntry['group'],
  describe: string,
  type: OptionEntry['type'] = 'string',
): OptionEntry => ({
  type,
  group,
  describe,
});

/** Measures what sessions cost in Redis and on the disk, and how fast they move from the one to the other. */
const benchCommand: Command = {
  usage: 'bench',
  describe: 'memory per session and rates, on this disk and a Redis of its own',
  examples: [
    ['$0 bench', 'up to a million, in a private server and as files in this directory'],
    ['$0 bench --sessions 100k,1M,8M --odoo 15 --files /srv', 'as many as it takes, on another disk'],
    ['$0 bench --no-files --to redis://test:6379/9', 'the memory of a server of yours; its keys are deleted again'],
  ],
  options: SHARED_OPTIONS,
  ownOptions: {
    sessions: benchOption('Which sessions', `how many at each step, as in 100k,1M,8M  [default: ${DEFAULT_STEPS}]`),
    odoo: benchOption(
      'Which sessions',
      `series: ${SERIES.map(({ name }) => name).join(', ')}, or mixed  [default: ${DEFAULT_ODOO}]`,
    ),
    seed: benchOption('Which sessions', 'number; the same seed makes the same sessions  [default: 1]'),
    files: benchOption('Which sessions', 'directory on the disk to measure  [default: the current one]'),
    'no-files': benchOption('Which sessions', 'only Redis: no files, no migrate', 'boolean'),
    'drop-caches': benchOption(
      'Pace and limits',
      'migrate with cold caches too; slows the whole machine for a while',
      'boolean',
    ),
    yes: benchOption('Target', 'load into the database that --to names although it holds keys', 'boolean'),
  },
  // A target that was set for migrations is no place for random sessions.
  flagOnly: ['to', 'yes', 'drop-caches'],
  load: async () => (await import('./bench.js')).runBench,
};

/** A script for a shell. */
const completionCommand: Command = {
  usage: 'completion [shell]',
  describe: 'print a completion script for your shell',
  examples: [
    ['source <($0 completion bash)', 'in ~/.bashrc'],
    ['source <($0 completion zsh)', 'in ~/.zshrc, behind compinit'],
    ['$0 completion fish > ~/.config/fish/completions/sess2redis.fish', 'once'],
  ],
  arguments: { shell: 'bash, zsh or fish  [default: the one that $SHELL names]' },
  options: [],
  load: async () => (await import('./completion.js')).runCompletion,
};

const DETECT_OPTIONS: readonly OptionName[] = [
  'to',
  'user',
  'password-file',
  'sentinel-user',
  'sentinel-password-file',
  'tls-ca',
  'tls-cert',
  'tls-key',
  'tls-insecure',
  'address-map',
  'fail-if-empty',
  'json',
];

/** Names the readers whose keys are in Redis already. */
const detectCommand: Command = {
  usage: 'detect',
  describe: 'which profile and prefix the keys in Redis follow',
  examples: [
    ['$0 detect --to redis://localhost', 'in all databases of that server'],
    ['$0 detect --to unix:///run/redis/redis.sock --json --fail-if-empty', 'for a script'],
  ],
  options: DETECT_OPTIONS,
  load: async () => (await import('./detect.js')).runDetect,
};

const generateOption = (describe: string, type: OptionEntry['type'] = 'string'): OptionEntry => ({
  type,
  group: 'Which sessions',
  describe,
});

/** Makes a store to rehearse on. */
const generateCommand: Command = {
  usage: 'generate <directory>',
  describe: "a synthetic store, any Odoo version's layout and format",
  examples: [
    ['$0 generate /tmp/store --sessions 200k', 'a directory that was kept through upgrades'],
    ['$0 generate /tmp/store18 --sessions 1000 --odoo 18', 'one series'],
  ],
  options: ['json'],
  arguments: { directory: 'a new or empty directory' },
  ownOptions: {
    sessions: generateOption('how many, as in 200k  [default: 10k]'),
    odoo: generateOption(
      `series: ${SERIES.map(({ name }) => name).join(', ')}, or mixed (${MIXED.join(', ')})  [default: mixed]`,
    ),
    junk: generateOption('further entries that are no sound sessions  [default: 0]'),
    'odoo-db': generateOption('database that the sessions are of (repeatable)  [default: shop]', 'array'),
    seed: generateOption('number; the same seed makes the same sessions  [default: 1]'),
  },
  load: async () => (await import('./generate.js')).runGenerate,
};

/** Those that name the ledger: the default state directory follows from them. */
const LEDGER_OPTIONS: readonly OptionName[] = [
  'state-dir',
  'to',
  'profile',
  'odoo',
  'prefix',
  'key-template',
  'encoding',
  'odoo-db',
  'shard',
  'json',
];
/** Shows what a ledger holds. It names no session. */
const ledgerCommand: Command = {
  usage: 'ledger [source...]',
  describe: 'what a state directory holds: counts, last passes, whose it is',
  examples: [
    ['$0 ledger --state-dir /var/lib/sess2redis', 'a directory that you named'],
    ['$0 ledger /var/lib/odoo/sessions --to redis://localhost:6379/0', 'the one that this migrate or sync uses'],
  ],
  arguments: SOURCES,
  options: LEDGER_OPTIONS,
  load: async () => (await import('./ledger.js')).runLedger,
};

/** Shows the readers and their rules, so that the operator can find the one that runs. */
const profilesCommand: Command = {
  usage: 'profiles',
  describe: 'the readers it knows, with their rules',
  examples: [['$0 profiles', 'keys, values and lifetimes of each']],
  options: ['json'],
  load: async () => (await import('./profiles.js')).runProfiles,
};

/** Every command, in the order of the help. */
export const COMMANDS: readonly Command[] = [
  migrateCommand,
  syncCommand,
  auditCommand,
  verifyCommand,
  exportCommand,
  explainCommand,
  ledgerCommand,
  detectCommand,
  benchCommand,
  generateCommand,
  profilesCommand,
  completionCommand,
];
