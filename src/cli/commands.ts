import type { Argument, Command } from './command.js';

const SOURCES: Argument = {
  name: 'source',
  times: '1..n',
  help: "session directory, or a quoted pattern as in '/srv/*/sessions'; several are one run",
  kind: 'directory',
};

/** Every command, in the order of the help. */
export const COMMANDS: readonly Command[] = [
  {
    name: 'migrate',
    argument: SOURCES,
    help: 'move sessions into Redis',
    examples: [
      ['sess2redis migrate /var/lib/odoo/sessions --to redis://localhost:6379/0', 'the default reader, camptocamp'],
      [
        'sess2redis migrate /var/lib/odoo/sessions --to unix:///run/redis/redis.sock --dry-run',
        'everything but the writing',
      ],
      [
        "sess2redis migrate '/srv/*/sessions' --to rediss://redis.internal --prefix shop --rate 5k",
        'many stores, gently',
      ],
    ],
    load: async () => (await import('./migrate.js')).runMigrate,
  },
  {
    name: 'sync',
    argument: SOURCES,
    help: 'bring Redis up to date: new, changed and ended sessions',
    examples: [
      [
        'sess2redis sync /var/lib/odoo/sessions --to redis://localhost:6379/0 --every 5m',
        'while the application still runs on files',
      ],
      [
        'sess2redis sync /var/lib/odoo/sessions --to redis://localhost:6379/0 --final',
        'in the freeze, with the application stopped',
      ],
      [
        'sess2redis sync /var/lib/odoo/sessions --to redis://localhost:6379/0 --cutover-done',
        'stragglers, after the switch',
      ],
    ],
    load: async () => (await import('./migrate.js')).runSync,
  },
  {
    name: 'audit',
    argument: SOURCES,
    help: 'read only: what would move, what would not and why, will it fit',
    examples: [
      ['sess2redis audit /var/lib/odoo/sessions', 'no Redis needed'],
      [
        'sess2redis audit /var/lib/odoo/sessions --to redis://localhost --report audit.html',
        'will it fit? with pictures',
      ],
      ['sess2redis audit /var/lib/odoo/sessions --odoo-db shop --json', 'for a script: the last line is the summary'],
    ],
    load: async () => (await import('./audit.js')).runAudit,
  },
  {
    name: 'verify',
    argument: SOURCES,
    help: 'compare files with Redis, by meaning and expiry',
    examples: [
      ['sess2redis verify /var/lib/odoo/sessions --to redis://localhost:6379/0', 'with the options of your migrate'],
      ['sess2redis verify /var/lib/odoo/sessions --to redis://localhost:6379/0 --sample 3000', 'quick, and how sure'],
    ],
    load: async () => (await import('./verify.js')).runVerify,
  },
  {
    name: 'export',
    argument: {
      name: 'directory',
      times: '1',
      help: "the application's session directory, or a new one",
      kind: 'directory',
    },
    help: 'the way back: sessions from Redis into the files that the application reads',
    examples: [
      [
        'sess2redis export /var/lib/odoo/sessions-back --from redis://localhost --odoo 17',
        "as root: files belong to the directory's owner",
      ],
      [
        'sess2redis export /tmp/look --from unix:///run/redis/redis.sock --odoo 15 --dry-run',
        'everything but the writing',
      ],
    ],
    load: async () => (await import('./export.js')).runExportCommand,
  },
  {
    name: 'explain',
    argument: {
      name: 'session',
      times: '1',
      help: 'a session file, a session id, or - to read the id from stdin',
      kind: 'file',
    },
    help: 'the whole decision for one session, step by step',
    examples: [
      ['sess2redis explain /var/lib/odoo/sessions/3f/3fa9...', 'by its file'],
      ['sess2redis explain - --source /var/lib/odoo/sessions --to redis://localhost', 'by its id, typed on stdin'],
    ],
    load: async () => (await import('./explain.js')).runExplain,
  },
  {
    name: 'ledger',
    argument: { ...SOURCES, times: '0..n' },
    help: 'what a state directory holds: counts, last passes, whose it is',
    examples: [
      ['sess2redis ledger --state-dir /var/lib/sess2redis', 'a directory that you named'],
      [
        'sess2redis ledger /var/lib/odoo/sessions --to redis://localhost:6379/0',
        'the one that this migrate or sync uses',
      ],
    ],
    load: async () => (await import('./ledger.js')).runLedger,
  },
  {
    name: 'detect',
    help: 'which profile and prefix the keys in Redis follow',
    examples: [
      ['sess2redis detect --to redis://localhost', 'in all databases of that server'],
      ['sess2redis detect --to unix:///run/redis/redis.sock --json --fail-if-empty', 'for a script'],
    ],
    load: async () => (await import('./detect.js')).runDetect,
  },
  {
    name: 'bench',
    help: 'memory per session and rates, on this disk and a Redis of its own',
    examples: [
      ['sess2redis bench', 'up to a million, in a private server and as files in this directory'],
      ['sess2redis bench --sessions 100k,1M,8M --odoo 15 --files /srv', 'as many as it takes, on another disk'],
      [
        'sess2redis bench --no-files --to redis://test:6379/9',
        'the memory of a server of yours; its keys are deleted again',
      ],
    ],
    load: async () => (await import('./bench.js')).runBench,
  },
  {
    name: 'generate',
    argument: { name: 'directory', times: '1', help: 'a new or empty directory', kind: 'directory' },
    help: 'a synthetic store, in the layout and format of any release',
    examples: [
      ['sess2redis generate /tmp/store --sessions 200k', 'a directory that was kept through upgrades'],
      ['sess2redis generate /tmp/store18 --sessions 1000 --odoo 18', 'one series'],
    ],
    load: async () => (await import('./generate.js')).runGenerate,
  },
  {
    name: 'profiles',
    help: 'the readers it knows, with their rules',
    examples: [['sess2redis profiles', 'keys, values and lifetimes of each']],
    load: async () => (await import('./profiles.js')).runProfiles,
  },
  {
    name: 'apps',
    argument: { name: 'application', times: '0..1', help: 'a name out of the list, or a template', kind: 'file' },
    help: 'the applications whose sessions it moves, and what to set in each',
    examples: [
      ['sess2redis apps', 'keys and values of each'],
      ['sess2redis apps laravel', 'its options, and what to set in Laravel'],
    ],
    load: async () => (await import('./apps.js')).runApps,
  },
  {
    name: 'completion',
    argument: {
      name: 'shell',
      times: '0..1',
      help: 'bash, zsh or fish  [default: the one that $SHELL names]',
      kind: 'choice',
      choices: ['bash', 'zsh', 'fish'],
    },
    help: 'print a completion script for your shell',
    examples: [
      ['source <(sess2redis completion bash)', 'in ~/.bashrc'],
      ['source <(sess2redis completion zsh)', 'in ~/.zshrc, behind compinit'],
      ['sess2redis completion fish > ~/.config/fish/completions/sess2redis.fish', 'once'],
    ],
    load: async () => (await import('./completion.js')).runCompletion,
  },
];
