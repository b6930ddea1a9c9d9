/** What design.md, section 8, says about the source, as functions from files to the sentences they break. */

/** A source file: its path below src/, and its text. */
export interface SourceFile {
  path: string;
  text: string;
}

/** What everybody may import and what imports nobody but itself: the nouns, and values without a place in the story. */
const NOUNS = [
  'session',
  'ownership',
  'receipts',
  'errors',
  'system-error',
  'own-file',
  'presence',
  'ending-signals',
  'turns',
  'state-directory',
  'exit-codes',
  'python',
  'byte-sink',
  'keyed',
  'python-dates',
  'quantities',
  'fingerprint',
  'nearest',
  'server-sample',
];
const STAGES = ['source', 'parse', 'plan', 'profiles', 'target', 'governor', 'ledger'];
/** Files in src/ itself that put the parts together. */
const COMPOSERS = [
  'run',
  'governing',
  'options',
  'options-bench',
  'options-config',
  'options-metrics',
  'options-origin',
  'options-reader',
  'options-pace',
  'options-sync',
  'options-output',
  'options-table',
  'options-target',
  'options-verify',
  'options-export',
  'run-export',
  'options-profile',
  'reader-check',
  'reader-choice',
  'store-signs',
  'explanation',
  'recorded-pass',
  'repair',
  'record-gap',
  'record-recovery',
  'conclusion',
  'markers',
  'trust',
  'logouts',
  'ledger-identity',
  'verification',
];

/** Which parts may import which others; the nouns and themselves are understood. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  nouns: [],
  ...Object.fromEntries(STAGES.map((stage) => [stage, []])),
  lane: STAGES,
  bench: [...STAGES, 'lane', 'generate'],
  report: [...STAGES, 'lane', 'bench'],
  generate: ['profiles', 'source'],
  verify: [...STAGES, 'lane'],
  export: [...STAGES, 'lane'],
  detect: [...STAGES],
  preflight: [...STAGES, 'lane', 'detect'],
  composers: [...STAGES, 'lane', 'report', 'generate', 'verify', 'export', 'detect', 'preflight'],
  cli: [...STAGES, 'lane', 'report', 'generate', 'bench', 'verify', 'export', 'detect', 'preflight', 'composers'],
};

/** The one folder through whose files a dependency comes in. */
const DOORS: Readonly<Record<string, string>> = {
  ioredis: 'target',
  'fast-glob': 'source',
  'p-limit': 'source',
  yargs: 'cli',
  pino: 'report',
  'log-update': 'report',
  '@observablehq/plot': 'report',
  linkedom: 'report',
  'classic-level': 'ledger',
  yaml: 'composers',
  'prom-client': 'report',
};

const PURE = ['parse', 'plan', 'profiles'];
const PURE_MODULES = ['node:buffer'];
const CLOCKS_AND_CHANCE = /\b(Date\.now|new Date\(\)|performance\.now|Math\.random|process\.|pino)/;
const PROCESS = /\b(process\.exit|process\.env|console\.)/;
const VAGUE_NAMES = ['utils', 'util', 'helpers', 'helper', 'common', 'index', 'misc', 'shared'];
const MOST_LINES = 250;

/** The part of the program that a file is in. */
export function partOf(path: string): string {
  const [folder, rest] = path.split('/', 2) as [string, string | undefined];
  if (rest !== undefined) return folder;
  const name = folder.replace(/\.ts$/, '');
  return NOUNS.includes(name) ? 'nouns' : COMPOSERS.includes(name) ? 'composers' : 'unknown';
}

/** Everything that a file imports, in whatever way: statically, for types, again exported, later, or as a thread. */
export function importsOf({ text }: SourceFile): string[] {
  const forms = [
    /^(?:import|export)\b[^'"`;]*?from\s*['"]([^'"]+)['"]/gm,
    /^import\s*['"]([^'"]+)['"]/gm,
    /\b(?:import|require)\(\s*['"`]([^'"`]+)['"`]/g,
    /new URL\(\s*['"](\.[^'"]+\.js)['"]/g,
  ];
  return forms.flatMap((form) => [...withoutComments(text).matchAll(form)].map((match) => match[1] as string));
}

/** The path below src/ of what `file` imports by a relative name. */
function resolveImport(file: SourceFile, name: string): string {
  const steps = file.path.split('/').slice(0, -1);
  for (const step of name.split('/')) {
    if (step === '..') steps.pop();
    else if (step !== '.') steps.push(step);
  }
  return steps.join('/').replace(/\.js$/, '.ts');
}

const withoutComments = (text: string): string =>
  text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|\s)\/\/.*$/gm, '$1');

export const RULES: Readonly<Record<string, (file: SourceFile) => string[]>> = {
  'imports go one way: cli, run and options, lane and report, the stages, the nouns': (file) => {
    const part = partOf(file.path);
    const allowed = MAY_IMPORT[part];
    if (allowed === undefined) return ['is in no known part: give it a place in the story'];
    const targets = importsOf(file).filter((name) => name.startsWith('.'));
    return targets
      .map((name) => resolveImport(file, name))
      .filter((path) => ![part, 'nouns', ...allowed].includes(partOf(path)))
      .map((path) => `imports ${path}`);
  },

  'each dependency has one door': (file) =>
    importsOf(file)
      .filter((name) => !name.startsWith('.') && !name.startsWith('node:'))
      .filter((name) => DOORS[name] !== partOf(file.path))
      .map((name) => `imports ${name}, whose door is ${DOORS[name] ?? 'nowhere'}`),

  'parse, plan and profiles are pure: no files, no clock, no chance, no logger': (file) => {
    if (!PURE.includes(partOf(file.path))) return [];
    const modules = importsOf(file).filter((name) => !name.startsWith('.') && !PURE_MODULES.includes(name));
    const found = CLOCKS_AND_CHANCE.exec(withoutComments(file.text));
    return [...modules.map((name) => `imports ${name}`), ...(found === null ? [] : [`uses ${found[1]}`])];
  },

  'only cli and options touch the process': (file) => {
    if (partOf(file.path) === 'cli' || /^options[^/]*\.ts$/.test(file.path)) return [];
    const found = PROCESS.exec(withoutComments(file.text));
    return found === null ? [] : [`uses ${found[1]}`];
  },

  'no file has a name that says nothing': (file) => {
    const name = (file.path.split('/').at(-1) as string).replace(/\.ts$/, '');
    return VAGUE_NAMES.includes(name) ? ['says nothing'] : [];
  },

  'no file is longer than can be read at a sitting': (file) => {
    const lines = file.text.split('\n').length - 1;
    return lines > MOST_LINES ? [`has ${lines} lines, more than ${MOST_LINES}`] : [];
  },
};
