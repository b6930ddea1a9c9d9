/** What holds for the source as a whole, as functions from files to the sentences they break. */

/** A source file: its path below src/, and its text. */
export interface SourceFile {
  path: string;
  text: string;
}

/**
 * Who may import whom, as one list from the ground up (docs/architecture.md has the same): a file imports what stands in an earlier row, and its own room.
 * Rooms of one row do not know each other.
 */
export const ORDER: readonly (readonly string[])[] = [
  ['session', 'units', 'masking', 'nearest', 'option-entry'],
  ['errors'],
  ['system'],
  ['python'],
  ['applications'],
  ['source', 'ledger'],
  ['redis'],
  ['governor'],
  ['intake'],
  ['counts', 'detect'],
  ['lane'],
  ['sync', 'generate'],
  ['run'],
  ['export', 'bench'],
  ['options'],
  ['preflight', 'verify'],
  ['report'],
  ['cli'],
];

/** The room, or rooms, through whose files a dependency comes in. */
const DOORS: Readonly<Record<string, string | readonly string[]>> = {
  ioredis: 'redis',
  'fast-glob': 'source',
  'p-limit': 'source',
  yargs: 'cli',
  pino: 'report',
  'log-update': 'report',
  'classic-level': 'ledger',
  yaml: ['options', 'applications'],
  'prom-client': 'report',
};

const PURE = ['applications', 'python'];
const PURE_MODULES = ['node:buffer', 'node:crypto', 'node:zlib', 'yaml'];
/** They look at the names in directories, and the first reads the templates that come with the program. */
const IMPURE = [
  'applications/built-in.ts',
  'applications/built-in-names.ts',
  'applications/odoo/layout.ts',
  'applications/odoo/stores-near.ts',
];
const CLOCKS_AND_CHANCE = /\b(Date\.now|new Date\(\)|performance\.now|Math\.random|process\.|pino)/;
const PROCESS = /\b(process\.exit|process\.env|console\.)/;
const VAGUE_NAMES = ['utils', 'util', 'helpers', 'helper', 'common', 'index', 'misc', 'shared'];
const MOST_LINES = 250;
const MOST_COLUMNS = 120;
/** A folder of more files than this has one whose header says where to begin. */
const MOST_WITHOUT_GUIDE = 8;

/** The room that a file is in: its folder, or its own name in `src/` itself. */
export function roomOf(path: string): string {
  return (path.split('/', 1)[0] as string).replace(/\.ts$/, '');
}

const rowOf = (room: string): number => ORDER.findIndex((rooms) => rooms.includes(room));

const STATIC = [/^(?:import|export)\b[^'"`;]*?from\s*['"]([^'"]+)['"]/gm, /^import\s*['"]([^'"]+)['"]/gm];

/** What a file imports when it is loaded, and for types. */
function staticImportsOf({ text }: SourceFile): string[] {
  const code = withoutComments(text);
  return STATIC.flatMap((form) => [...code.matchAll(form)].map((match) => match[1] as string));
}

/** Everything that a file imports, in whatever way: statically, for types, again exported, later, or as a thread. */
export function importsOf({ text }: SourceFile): string[] {
  const forms = [...STATIC, /\b(?:import|require)\(\s*['"`]([^'"`]+)['"`]/g, /new URL\(\s*['"](\.[^'"]+\.js)['"]/g];
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
  'imports go one way': (file) => {
    const room = roomOf(file.path);
    const row = rowOf(room);
    if (row < 0) return ['is in no known room: give it a place in the order'];
    return importsOf(file)
      .filter((name) => name.startsWith('.'))
      .map((name) => resolveImport(file, name))
      .filter((path) => roomOf(path) !== room && !(rowOf(roomOf(path)) >= 0 && rowOf(roomOf(path)) < row))
      .map((path) => `imports ${path}`);
  },

  'each dependency has one door': (file) =>
    importsOf(file)
      .filter((name) => !name.startsWith('.') && !name.startsWith('node:'))
      .filter((name) => ![DOORS[name]].flat().includes(roomOf(file.path)))
      .map((name) => `imports ${name}, whose door is ${DOORS[name] ?? 'nowhere'}`),

  'applications and python are pure: no files, no clock, no chance, no logger': (file) => {
    if (!PURE.includes(roomOf(file.path)) || IMPURE.includes(file.path)) return [];
    const modules = importsOf(file).filter((name) => !name.startsWith('.') && !PURE_MODULES.includes(name));
    const found = CLOCKS_AND_CHANCE.exec(withoutComments(file.text));
    return [...modules.map((name) => `imports ${name}`), ...(found === null ? [] : [`uses ${found[1]}`])];
  },

  'only cli and options touch the process': (file) => {
    if (['cli', 'options'].includes(roomOf(file.path))) return [];
    const found = PROCESS.exec(withoutComments(file.text));
    return found === null ? [] : [`uses ${found[1]}`];
  },

  'what is one application alone has stands behind the interface of all': (file) => {
    if (roomOf(file.path) === 'applications') return [];
    const foreign = importsOf(file).filter((name) => resolveImport(file, name).startsWith('applications/odoo/'));
    return [...foreign.map((name) => `imports ${name}`), ...(/\bOdoo/.test(file.text) ? ['names Odoo'] : [])];
  },

  'no file has a name that says nothing': (file) => {
    const name = (file.path.split('/').at(-1) as string).replace(/\.ts$/, '');
    return VAGUE_NAMES.includes(name) ? ['says nothing'] : [];
  },

  'no file is longer than can be read at a sitting': (file) => {
    const lines = file.text.split('\n').length - 1;
    return lines > MOST_LINES ? [`has ${lines} lines, more than ${MOST_LINES}`] : [];
  },

  'a tag of a comment stands at the start of its line': (file) => {
    const isInside = (line: string) => /^\s*(\/\*\*|\*)\s+(?!@)[^`]*\S\s+@(throws|param|returns)\b/.test(line);
    return file.text.split('\n').flatMap((line, at) => (isInside(line) ? [`has a tag inside line ${at + 1}`] : []));
  },

  'a comment keeps to the width of the page': (file) => {
    const isWide = (line: string) => /^\s*(\/\/|\/?\*)/.test(line) && line.length > MOST_COLUMNS;
    return file.text.split('\n').flatMap((line, at) => (isWide(line) ? [`is too wide in line ${at + 1}`] : []));
  },
};

/** Rules that only the whole source can keep or break. */
export const WHOLE_RULES: Readonly<Record<string, (files: readonly SourceFile[]) => string[]>> = {
  'no files import each other in a circle': (files) => circlesOf(files),

  'a large folder says where to begin': (files) => {
    const folders = new Map<string, SourceFile[]>();
    for (const file of files) {
      const folder = file.path.split('/').slice(0, -1).join('/');
      if (folder !== '') folders.set(folder, [...(folders.get(folder) ?? []), file]);
    }
    return [...folders]
      .filter(([, inside]) => inside.length > MOST_WITHOUT_GUIDE)
      .filter(([, inside]) => inside.filter(({ text }) => text.includes('READ FIRST')).length !== 1)
      .map(([folder]) => `${folder}/ has no page to read first, or several`);
  },

  'no exported name has two meanings': (files) => {
    const homes = new Map<string, string[]>();
    for (const { path, text } of files) {
      for (const [, name] of withoutComments(text).matchAll(EXPORTED_NAME)) {
        homes.set(name as string, [...(homes.get(name as string) ?? []), path]);
      }
    }
    return [...homes].filter(([, paths]) => paths.length > 1).map(([name, paths]) => `${name}: ${paths.join(', ')}`);
  },
};

const EXPORTED_NAME =
  /^export (?:declare |abstract |async )*(?:const|function\*?|class|interface|type|enum|let) ([A-Za-z_$][\w$]*)/gm;

/** Each circle once, as the paths along it. */
function circlesOf(files: readonly SourceFile[]): string[] {
  const targets = new Map(
    files.map((file) => [
      file.path,
      staticImportsOf(file)
        .filter((name) => name.startsWith('.'))
        .map((name) => resolveImport(file, name)),
    ]),
  );
  const done = new Set<string>();
  const circles: string[] = [];
  const visit = (path: string, trail: readonly string[]): void => {
    const at = trail.indexOf(path);
    if (at >= 0) circles.push([...trail.slice(at), path].join(' -> '));
    if (at >= 0 || done.has(path)) return;
    for (const target of targets.get(path) ?? []) visit(target, [...trail, path]);
    done.add(path);
  };
  for (const path of targets.keys()) visit(path, []);
  return circles;
}
